"""Which encoding a text file is in, and its text as UTF-8 with `\\n` or `\\r\\n` line ends."""

import codecs
import io
import re
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa

from sources.characters import PRIVATE, assigned
from sources.reading.iconv import PRIVATE_BYTE, utf8_of_gb18030
from sources.reading.raw import Refusal
from sources.reasons import finding

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
_PART = 1 << 16  # a part that stays in the processor's cache is recoded in two thirds of the time
_LOOKED_AT = 1 << 20
_LARGE = 1 << 20  # a text that is worth asking for a faster decoder
# What a table is made of: ASCII, Latin-1, Greek, punctuation, Chinese and full-width forms.
_USUAL = re.compile(
    "[\t\r\n -~\u00a0-\u00ff\u0370-\u03ff\u2000-\u22ff\u2460-\u25ff\u3000-\u303f"
    "\u3400-\u9fff\uff00-\uffef]"
)
_NULS = re.compile(rb"\x00{2,}")
_PRIVATE = re.compile(f"[{PRIVATE}]")
_ODD = re.compile("[^\t\r\n -\ud7ff\uf900-\U0010ffff]")
# Of the usual ones the wide ones: signs and Chinese, as they come out when UTF-8 is read as such.
# The two bytes of 站 and some other words in GB18030 are a letter of another script in UTF-8.
_WIDE = re.compile(
    "[\u00b0-\u00b7\u00d7\u00f7\u03bc\u2000-\u22ff\u2460-\u25ff\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
)


@dataclass(frozen=True)
class Text:
    """A text as UTF-8 bytes without BOM. `replaced` characters could not be decoded."""

    data: bytes
    encoding: str
    replaced: int = 0
    notes: tuple[dict[str, object], ...] = ()
    """What else was found: bytes left out, lines in another encoding."""

    @property
    def findings(self) -> tuple[dict[str, object], ...]:
        """What a receipt lists of the text's encoding."""
        if not self.replaced:
            return self.notes
        return (*self.notes, finding("replaced_characters", count=self.replaced))


def is_utf8(data: bytes) -> bool:
    """Tell whether the bytes are UTF-8 throughout."""
    if data.isascii():
        return True
    # polars looks at the bytes where they lie, many times faster than decoding them.
    ends = [0]
    while ends[-1] < len(data):
        end = min(ends[-1] + _LOOKED_AT, len(data))
        for _ in range(3):  # not in the middle of a character
            end -= end < len(data) and data[end] & 0xC0 == 0x80
        ends.append(end)
    offsets = pa.array(ends, pa.int64()).buffers()[1]
    buffers = [None, offsets, pa.py_buffer(data)]
    column = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(ends) - 1, buffers)
    try:
        pl.Series(values=column).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def _wide_form(data: bytes) -> str | None:
    """Name the form of UTF-16 that a text with NUL bytes and without a BOM is in, if it is any."""
    sample = data[: _SAMPLE // 2 * 2]
    if 0 not in sample or len(data) % 2:
        return None
    best, share = None, 0.9
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, errors="replace")
        usual = len(_USUAL.findall(text)) / len(text)
        if usual > share:
            best, share = encoding, usual
    return best


def _recoded(data: bytes, encoding: str) -> tuple[bytes, int]:
    """Return a text in UTF-8 and the number of characters that could not be decoded."""
    if encoding == "gb18030" and len(data) > _LARGE:
        found = utf8_of_gb18030(data)
        if found is not None:
            return found.removeprefix(codecs.BOM_UTF8), 0
    for errors in ("strict", "replace"):
        decoder = codecs.getincrementaldecoder(encoding)(errors=errors)
        whole = io.BytesIO()  # grows in place: the text is not there twice
        replaced = 0
        try:
            for start in range(0, len(data), _PART):
                last = start + _PART >= len(data)
                text = decoder.decode(memoryview(data)[start : start + _PART], last)
                if start == 0:
                    text = text.removeprefix("\ufeff")
                if errors == "replace":
                    replaced += text.count(REPLACEMENT)
                part = text.encode("utf-8", errors=errors)
                if encoding == "gb18030" and PRIVATE_BYTE in part:
                    part = assigned(text).encode("utf-8", errors=errors)
                whole.write(part)
        except UnicodeError:
            continue
        break
    return whole.getvalue(), replaced


def _plausible(text: str) -> bool:
    """Tell whether a text is made of characters that a table has: no controls, few oddities."""
    sample = text[:_SAMPLE].removeprefix("\ufeff")
    return len(_ODD.findall(sample)) <= max(1, len(sample) * _TOLERATED)


def decode(data: bytes) -> Text:
    """Return a text file's content as UTF-8.

    Raises Refusal: `binary_content` when it is no text, `unknown_encoding` when it is text in an
    encoding other than UTF-8, UTF-16 and GB18030.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom) and encoding != "utf-8-sig":
            return _wide(data, encoding)
    if (wide := _wide_form(data)) is not None:
        return _wide(data, wide)
    data, notes = _without_nuls(data)
    name = "utf-8"
    if data.startswith(codecs.BOM_UTF8):
        data, name = data[len(codecs.BOM_UTF8) :], "utf-8-sig"
    text = _utf8(data, name)
    return replace(text, notes=(*text.notes, *notes)) if notes else text


def _without_nuls(data: bytes) -> tuple[bytes, tuple[dict[str, object], ...]]:
    """Return bytes without the NULs that a power cut leaves at a file's ends, and a note on them.

    Longer runs of them in between become one, which its row is rejected for.
    """
    if not data.endswith(b"\0") and 0 not in data[:_SAMPLE]:
        return data, ()  # one further down is found by the rules for its cell
    kept = data.strip(b"\0")
    if not kept:
        raise Refusal("binary_content")
    notes: tuple[dict[str, object], ...] = ()
    if len(kept) < len(data):
        notes = (finding("trailing_nuls", count=len(data) - len(kept)),)
    return _NULS.sub(b"\0", kept), notes


def _wide(data: bytes, encoding: str) -> Text:
    recoded, replaced = _recoded(data, encoding)
    name = encoding.removesuffix("-le").removesuffix("-be")
    return _checked(Text(recoded, name, replaced))


def _utf8(data: bytes, name: str) -> Text:
    if is_utf8(data):
        if name == "utf-8" and _only_looks_so(data):
            return _checked(Text(_recoded(data, "gb18030")[0], "gb18030"))
        return _checked(Text(data, name))
    if (mixed := _by_lines(data, name)) is not None:
        return _checked(mixed)
    # Text in UTF-8 with a few broken bytes keeps most of its wide characters around them; text
    # in GB18030 read as UTF-8 loses nearly all.
    text = _around_the_first_error(data).decode("utf-8", errors="replace")
    wide = len(_WIDE.findall(text))
    other = len(text) - len(text.encode("ascii", errors="ignore")) - wide
    order = [name, "gb18030"] if other * 10 <= wide or name == "utf-8-sig" else ["gb18030"]
    for encoding in order:
        recoded, replaced = _recoded(data, encoding)
        try:
            return _checked(Text(recoded, encoding, replaced))
        except Refusal:
            continue
    guess = _guess(data)
    if guess is None:
        raise Refusal("binary_content")
    raise Refusal("unknown_encoding", guess=f"（可能是 {guess}）")


def _by_lines(data: bytes, name: str) -> Text | None:
    """Return a text whose lines are in UTF-8 or in GB18030, decoded line by line.

    None where a line is in neither or where all lines are in one: lines of GB18030 that were
    appended to a file in UTF-8, or the other way round, are some of many and whole.
    """
    if not _has_wide_utf8(data):
        return None
    lines = data.split(b"\n")
    other: list[int] = []
    wide = 0
    for number, line in enumerate(lines):
        if line.isascii():
            continue
        if _decodes(line) and not _only_looks_so(line):
            wide += 1
            continue
        try:
            text = line.decode("gb18030")
        except UnicodeDecodeError:
            return None
        if len(_USUAL.findall(text)) < len(text):
            return None
        lines[number] = text.encode()
        other.append(number)
    if not wide or not other:
        return None
    note = finding("mixed_encodings", line=other[0] + 1, count=len(other))
    return Text(b"\n".join(lines), name, notes=(note,))


def _has_wide_utf8(data: bytes) -> bool:
    """Tell whether Chinese in UTF-8 may stand anywhere behind a character of ASCII.

    Most texts in GB18030 have no such bytes, and looking at every line costs more than decoding.
    """
    for start in range(0, len(data), _PART):
        near = b"\n" + data[max(0, start - 4) : start + _PART] + b"\n"
        part = np.frombuffer(near, np.uint8)
        lead = part - 0xE3 <= 0xE9 - 0xE3  # below it the difference is large: no sign in uint8
        begins = lead[1:-3] & (part[:-4] < 0x80)
        if not begins.any():
            continue
        more = part & 0xC0 == 0x80
        found = begins & more[2:-2] & more[3:-1] & ((part < 0x80) | lead)[4:]
        if found.any():
            return True
    return False


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _only_looks_so(data: bytes) -> bool:
    """Tell whether bytes that are UTF-8 throughout are a short text in GB18030 all the same.

    Chinese has three bytes in UTF-8; a text without any such has at most signs (μ, ³) in two.
    """
    if data.isascii() or re.search(rb"[\xe0-\xff]", data) is not None:
        return False
    if all(_WIDE.match(c) for c in set(data.decode("utf-8")) if c > "\x7f"):
        return False
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _around_the_first_error(data: bytes) -> bytes:
    """Return what stands around the first bytes that are not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _PART):  # an error holds a copy of all it was given
        try:
            decoder.decode(memoryview(data)[start : start + _PART], start + _PART >= len(data))
        except UnicodeDecodeError as error:
            at = start + error.start
            return data[max(0, at - _SAMPLE) : at + _SAMPLE]
    return data[:_SAMPLE]


def _checked(text: Text) -> Text:
    """Return a text that has few undecodable characters and looks like one; else refuse it."""
    if text.replaced > max(1, len(text.data) / 2 * _TOLERATED):
        raise Refusal("binary_content")
    sample = text.data[:_SAMPLE].decode("utf-8", errors="ignore")
    if text.encoding.startswith("utf"):  # a character of private use is one that somebody made
        sample = _PRIVATE.sub("", sample)
    if not _plausible(sample):
        raise Refusal("binary_content")
    return text


# Encodings worth naming to a sender; a guess of another one only means that it is no text.
_NAMED = ("big5", "cp950", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949", "johab", "utf_7")


def _guess(data: bytes) -> str | None:
    from charset_normalizer import from_bytes  # slow to import, rarely needed

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None or not best.encoding.startswith(_NAMED) or not _plausible(str(best)):
        return None
    return best.encoding
