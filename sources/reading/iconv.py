"""GB18030 decoded by the C library's iconv, where there is one.

It takes half the time of Python's codec, and other threads run meanwhile. It is used only where it
agrees with the codec on every character; whatever it does not decode is left to the codec.
"""

import ctypes
import io
from functools import cache

from sources.characters import assigned

PRIVATE_BYTE = b"\xee"  # how all characters begin in UTF-8 that `characters.assigned` replaces
_PART = 1 << 16  # what stays in the processor's cache
_LONGEST = 4  # bytes of a character
_FAILED = ctypes.c_size_t(-1).value
_NO_CONVERTER = ctypes.c_void_p(-1).value
_PIECE = 64
# Bytes that are no character of GB18030.
_INVALID = (b"\x80", b"\xff", b"\x81", b"\x81 ", b"\x81\x7f", b"\x81\xff", b"\x810\x81")


def utf8_of_gb18030(data: bytes) -> bytes | None:
    """Return a text of GB18030 in UTF-8; None where it is no such text or iconv is not to be had.

    Characters of private use are as `characters.assigned` has them.
    """
    library = _library()
    return None if library is None else _converted(library, data)


@cache
def _library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(None)
        library.iconv_open.restype = ctypes.c_void_p
        library.iconv_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        library.iconv.restype = ctypes.c_size_t
        library.iconv.argtypes = [ctypes.c_void_p] * 5
        library.iconv_close.argtypes = [ctypes.c_void_p]
    except (AttributeError, OSError, TypeError):  # as on Windows
        return None
    return library if _agrees(library) else None


def _agrees(library: ctypes.CDLL) -> bool:
    """Tell whether iconv decodes what Python's codec does, each character the same."""
    characters = [chr(c) for c in range(0x1_0000) if not 0xD800 <= c < 0xE000]
    characters += ["\U00010000", "\U0002000b", "\U0010ffff"]
    pieces = ["".join(characters[i : i + _PIECE]) for i in range(0, len(characters), _PIECE)]
    whole = [p for p in pieces if not _agrees_on(library, p)]
    return all(_agrees_on(library, c, or_none=True) for p in whole for c in p) and all(
        _converted(library, wrong) is None for wrong in _INVALID
    )


def _agrees_on(library: ctypes.CDLL, text: str, *, or_none: bool = False) -> bool:
    found = _converted(library, text.encode("gb18030"))
    return or_none if found is None else found == assigned(text).encode()


def _converted(library: ctypes.CDLL, data: bytes) -> bytes | None:
    converter = library.iconv_open(b"UTF-8", b"GB18030")
    if converter == _NO_CONVERTER:
        return None
    try:
        return _by_parts(library, converter, data)
    finally:
        library.iconv_close(converter)


def _by_parts(library: ctypes.CDLL, converter: int, data: bytes) -> bytes | None:
    whole = io.BytesIO()  # grows in place: the text is not there twice
    address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
    out = ctypes.create_string_buffer(2 * _PART)
    start = 0
    while start < len(data):
        stop = min(start + _PART, len(data))
        source, left = ctypes.c_void_p(address + start), ctypes.c_size_t(stop - start)
        target, room = ctypes.c_void_p(ctypes.addressof(out)), ctypes.c_size_t(len(out))
        pointers = (ctypes.byref(value) for value in (source, left, target, room))
        failed = library.iconv(converter, *pointers) == _FAILED
        if failed and (left.value >= _LONGEST or stop == len(data)):
            return None  # else the part ends inside a character
        part = bytes(memoryview(out)[: len(out) - room.value])
        whole.write(assigned(part.decode()).encode() if PRIVATE_BYTE in part else part)
        start = stop - left.value
    return whole.getvalue()
