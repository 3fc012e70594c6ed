"""Headers of further tables among lines that were given back."""

import json
import re
from functools import cache

import polars as pl

from sources.characters import INVISIBLE, NUMBERED_SIGNS, PRIVATE, SUPERSCRIPTS
from sources.layout.regions import HeaderLines
from sources.reading.raw import ROW_NUMBER

_MOST = 200  # lines that are looked at
_LONGEST, _SHORT = 80, 3
# Texts that differ in their digits alone are looked at as far as this: among them may be PM2.5.
_MOST_OF_A_SHAPE = 50
_MOST_TEXTS = 20_000


def other_header(rejected: pl.DataFrame, lines: HeaderLines) -> int | None:
    """Return the first rejected line that looks like the header of a table, None without one.

    Its cells are titles of fields, where the rows above have values.
    """
    texts = _possible_titles(rejected["value"], lines.index.spellings)
    titles = [text for text in texts if lines.index.known(text)]
    if not titles:
        return None
    found = rejected.filter(pl.col("value").is_in(titles) & pl.col("raw_row").is_not_null())
    distinct = found.unique(ROW_NUMBER, maintain_order=True).head(_MOST)
    for number, text in distinct.select(ROW_NUMBER, "raw_row").iter_rows():
        cells = [str(c) for c in json.loads(text).values() if c]
        if lines.titles(cells) >= 2:
            return int(number)
    return None


def _possible_titles(values: pl.Series, spellings: frozenset[str]) -> pl.Series:
    """Return the different texts that may be titles, in their order: few of a million values.

    A title holds one of the spellings, once it is folded as far as an expression can; texts with
    markup or unusual characters are folded by others, and may be titles whatever they hold.
    """
    text = pl.col("text")
    usual = text.str.contains(r"\p{L}") & (text.str.len_chars() < _LONGEST)
    folded = (
        text.str.replace_all(f"[{INVISIBLE}{NUMBERED_SIGNS}†‡§¶※]", "")
        .str.replace_all(rf"([\u3400-\u9fff)）])[{SUPERSCRIPTS}]+", "$1")
        .str.normalize("NFKC")
        .str.replace_all(r"\s+", "")
        .str.to_lowercase()
    )
    # Short ones of Latin letters (pH, Cd) are within many a word: they are titles at its beginning.
    short = {s for s in spellings if s.isascii() and len(s) <= _SHORT}
    named = (
        folded.str.contains_any(sorted(spellings - short))
        | folded.str.contains(f"(?:^|[^a-z])(?:{'|'.join(map(re.escape, sorted(short)))})")
        | text.str.contains(_unusual())
    )
    return (
        values.drop_nulls()
        .to_frame("text")
        .lazy()
        .filter(usual)
        .unique(maintain_order=True)
        .filter(named)
        .filter(text.cum_count().over(text.str.replace_all(r"\d+", "0")) <= _MOST_OF_A_SHAPE)
        .head(_MOST_TEXTS)
        .collect()["text"]
    )


@cache
def _unusual() -> str:
    """Return the pattern of markup, private use, and Chinese characters that GB2312 lacks."""
    codes = (bytes((a, b)) for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF))
    usual = "".join(code.decode("gb2312", "ignore") for code in codes)
    return rf"[<&{PRIVATE}]|[\u3400-\u9fff--[{usual}]]"
