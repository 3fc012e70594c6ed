"""Which encoding a text file is in, and its text as UTF-8 with `\\n` or `\\r\\n` line ends."""

import codecs
from dataclasses import dataclass

import polars as pl

from sources.reading.raw import Refusal

REPLACEMENT = "\ufffd"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Up to this share of a text's characters may be undecodable: their rows are rejected alone.
_TOLERATED = 0.02
_SAMPLE = 1 << 16


@dataclass(frozen=True)
class Text:
    """A text as UTF-8 bytes without BOM. `replaced` characters could not be decoded."""

    data: bytes
    encoding: str
    replaced: int = 0


def is_utf8(data: bytes) -> bool:
    """Tell whether the bytes are UTF-8 throughout."""
    if data.isascii():
        return True
    column = pl.Series([data], dtype=pl.Binary)  # validated in Rust, ten times codecs' speed
    try:
        column.cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def _sparse_nuls(data: bytes) -> str | None:
    """Name the UTF-16 form that NUL bytes on one side only betray, if they do."""
    sample = data[:_SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 5 < len(sample) // 2 or min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _replacing(data: bytes, encoding: str) -> tuple[str, int]:
    text = data.decode(encoding, errors="replace")
    return text, text.count(REPLACEMENT)


def _plausible(text: str) -> bool:
    """Tell whether a text is made of characters that a table has: no controls, few oddities."""
    sample = text[:_SAMPLE]
    odd = sum(1 for c in sample if (c < " " and c not in "\t\r\n") or "\ue000" <= c <= "\uf8ff")
    return odd <= len(sample) * _TOLERATED


def decode(data: bytes) -> Text:
    """Return a text file's content as UTF-8.

    Raises Refusal: `binary_content` when it is no text, `unknown_encoding` when it is text in an
    encoding other than UTF-8, UTF-16 and GB18030.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            if encoding == "utf-8-sig":
                return _utf8(data[len(bom) :], "utf-8-sig")
            return _wide(data, encoding)
    if (wide := _sparse_nuls(data)) is not None:
        return _wide(data, wide)
    return _utf8(data, "utf-8")


def _wide(data: bytes, encoding: str) -> Text:
    text, replaced = _replacing(data, encoding)
    text = text.removeprefix("\ufeff")
    if replaced > max(1, len(text) * _TOLERATED) or not _plausible(text):
        raise Refusal("binary_content")
    encoded = text.encode("utf-8", errors="replace")
    return Text(encoded, encoding.removesuffix("-le").removesuffix("-be"), replaced)


def _utf8(data: bytes, name: str) -> Text:
    if is_utf8(data):
        if not _plausible(data[:_SAMPLE].decode("utf-8", errors="ignore")):
            raise Refusal("binary_content")
        return Text(data, name)
    text, bad_utf8 = _replacing(data, "utf-8")
    wide_utf8 = len(text) - len(text.encode("ascii", errors="ignore")) - bad_utf8
    # Text in UTF-8 with a few broken bytes keeps most of its wide characters; text in GB18030
    # read as UTF-8 loses nearly all of them.
    mostly_utf8 = bad_utf8 * 10 <= wide_utf8 or name == "utf-8-sig"
    if mostly_utf8 and bad_utf8 <= max(1, len(text) * _TOLERATED) and _plausible(text):
        return Text(text.encode("utf-8"), name, bad_utf8)
    national, replaced = _replacing(data, "gb18030")
    if replaced <= max(1, len(national) * _TOLERATED) and _plausible(national):
        return Text(national.encode("utf-8"), "gb18030", replaced)
    guess = _guess(data)
    if guess is None:
        raise Refusal("binary_content")
    raise Refusal("unknown_encoding", guess=f"（可能是 {guess}）")


# Encodings worth naming to a sender; a guess of another one only means that it is no text.
_NAMED = ("big5", "cp950", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949", "johab", "utf_7")


def _guess(data: bytes) -> str | None:
    from charset_normalizer import from_bytes  # slow to import, rarely needed

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None or not best.encoding.startswith(_NAMED) or not _plausible(str(best)):
        return None
    return best.encoding
