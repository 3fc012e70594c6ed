"""Characters that make two spellings of one word look different, and how to make them equal.

Belongs here: what holds for any text whatever it means - invisible characters, full-width forms,
footnote marks, characters that a page or a styled cell leaves behind. What a text means is for
`contracts`, `recognise` and `cleaning`.
"""

import re
import unicodedata

# Characters without a glyph: byte-order marks, joiners, direction marks, soft hyphens, variation
# selectors. As the inside of a character class, for Python's and polars' regular expressions.
INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef"
)
# Signs that refer to a note: numbers in circles and brackets, daggers, asterisks, reference marks.
NOTE_SIGNS = (
    "\u2460-\u2487\u24ea\u24f5-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf\u3280-\u3289"
    "†‡§¶※⁎∗*＊★☆"
)
# Raised digits and signs, which refer to a note where they are no exponent.
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾"

_UNSEEN = re.compile(f"[{INVISIBLE}]")


def visible(text: str) -> str:
    """Return a text without its invisible characters."""
    return _UNSEEN.sub("", text)


def fold(text: str) -> str:
    """Make spellings of one name equal: NFKC, lower case, no white space, nothing invisible."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", visible(text))).casefold()
