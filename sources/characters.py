"""Characters that make two spellings of one word look different, and how to make them equal.

Belongs here: what holds for any text whatever it means - invisible characters, full-width forms,
signs that refer to a note, markup of pages, characters of private use, traditional forms. What a
text means is for `contracts`, `recognise` and `cleaning`.
"""

import re
import unicodedata
from functools import cache, lru_cache
from html import unescape

# Characters without a glyph: byte-order marks, joiners, direction marks, soft hyphens, variation
# selectors. As the inside of a character class, for Python's and polars' regular expressions.
INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef"
)
# Signs that refer to a note: numbers in circles and brackets, and daggers, stars, reference marks.
NUMBERED_SIGNS = "\u2460-\u2487\u24ea\u24f5-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf"
OTHER_SIGNS = r"†‡§¶※⁎∗*＊★☆"
NOTE_SIGNS = NUMBERED_SIGNS + OTHER_SIGNS
# Raised digits and signs: an exponent, or a number that refers to a note.
RAISED: dict[str, str] = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾", "0123456789+-()", strict=True))
SUPERSCRIPTS = "".join(RAISED)
# Characters that GB18030 gave a code point of private use before Unicode had them, as
# GB18030-2022, Windows and workbooks have them.
PRIVATE_FORMS: dict[str, str] = {
    **dict(zip("\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793", "︐︒︑︓︔︕︖", strict=True)),
    **dict(zip("\ue794\ue795\ue796\ue7c7", "︗︘︙ḿ", strict=True)),
    **dict(zip("\ue816\ue817\ue818\ue831\ue83b\ue855", "𠂇𠂉𠃌𡗗𢦏𤇾", strict=True)),
    **dict(
        zip("\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864", "龴龵龶龷龸龹龺龻", strict=True)
    ),
}
PRIVATE = "\ue000-\uf8ff"

_UNSEEN = re.compile(f"[{INVISIBLE}]")
_MARKUP = re.compile(r"<[A-Za-z/!]|&#?\w{1,31};")
_BREAK_TAG = re.compile(r"(?i)<\s*(?:br|hr|/p|/div|/li|/tr|/td|/th|/h\d)\b[^<>]*>")
_RAISED_TAG = re.compile(r"(?i)<sup\b[^<>]*>\s*([-+0-9()]{1,8})\s*</sup\s*>")
_EMPTY = re.compile(r"(?i)(?:<(\w+)\b[^<>]*>(?:\s|&nbsp;)*</\1>|<br\s*/?>|&nbsp;|<!--.*?-->|\s)*")
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.S)
_TO_RAISED = str.maketrans({plain: raised for raised, plain in RAISED.items()})
_HAN = re.compile("[\u3400-\u9fff]+")
_FROM_PRIVATE = str.maketrans(PRIVATE_FORMS)


def visible(text: str) -> str:
    """Return a text without its invisible characters."""
    return _UNSEEN.sub("", text)


def has_markup(text: str) -> bool:
    """Tell whether a text holds tags or character references of a page."""
    return _MARKUP.search(text) is not None


def without_markup(text: str) -> str:
    """Return what a page would show: no tags, references replaced, `<sup>3</sup>` as ³.

    A text of tags alone, which may show a picture, is returned as it is; empty elements are not.
    """
    if not has_markup(text):
        return text
    plain = _BREAK_TAG.sub("\n", text)
    plain = _RAISED_TAG.sub(lambda m: m[1].translate(_TO_RAISED), plain)
    plain = unescape(_TAG.sub("", plain))
    return plain if plain.strip() or _EMPTY.fullmatch(text) else text


def assigned(text: str) -> str:
    """Return a text in which characters of private use that GB18030 defines are their Unicode."""
    return text.translate(_FROM_PRIVATE)


@lru_cache(maxsize=10_000)  # the cells of one header are looked at many times
def fold(text: str) -> str:
    """Make spellings of one name equal: NFKC, lower case, no white space, nothing invisible."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", visible(text))).casefold()


def title_text(text: str) -> str:
    """Return a header as it is meant: no markup, no signs that refer to a note, simplified."""
    text = assigned(visible(without_markup(text)))
    text = re.sub(f"[{NUMBERED_SIGNS}†‡§¶※]", "", text)
    # 面积¹ refers to a note, m³ does not.
    text = re.sub(rf"(?<=[\u3400-\u9fff)）])[{SUPERSCRIPTS}]+", "", text)
    return simplified(text)


def beyond_gb2312(text: str) -> bool:
    """Tell whether a text has Chinese characters that simplified texts hardly use."""
    try:
        "".join(_HAN.findall(text)).encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False


@cache
def traditional_forms() -> dict[int, str]:
    """Return the traditional characters that no simplified text uses, with their simplified form.

    乾 and 後 stand in simplified texts too and are left alone.
    """
    import opencc  # loads its dictionaries, which few files need

    codes = (bytes((a, b)) for a in range(0xA4, 0xFA) for b in range(0x40, 0xFF))
    usual = [c for code in codes if (c := code.decode("big5", "ignore"))]
    plain = opencc.OpenCC("t2s").convert("\n".join(usual)).split("\n")
    pairs = zip(usual, plain, strict=True)
    return {
        ord(old): new for old, new in pairs if old != new and not old.encode("gb2312", "ignore")
    }


def simplified(text: str) -> str:
    """Return a text with simplified characters for traditional ones."""
    if text.isascii() or not beyond_gb2312(text):
        return text
    return text.translate(traditional_forms())
