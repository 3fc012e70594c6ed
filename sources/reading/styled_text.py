"""Styled text as plain characters: superscripts, struck-out text, escapes of Open XML."""

import re

import polars as pl

from sources.reading.raw import STRUCK

LEFT_OUT = "\ufdd0"
"""Ends a text of which struck-out runs were left out; `sources.reading.grid` takes it off again. It
is no character of any text."""
_RAISED = str.maketrans(
    "0123456789+-−=()[]（）niabcdefghjklmoprstuvwxyz",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾⁽⁾⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def raised(text: str) -> str:
    """Return a superscript as characters: 3 is ³; what has no such character stays."""
    return text.translate(_RAISED)


def struck(text: str) -> str:
    """Return a text that is struck out as a whole: `STRUCK` after each character."""
    return "".join(c + STRUCK for c in text)


def unescaped(text: str) -> str:
    """Return a text of Open XML without its escapes: _x000D_ is a carriage return."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def unescaped_column(texts: pl.Series) -> pl.Series:
    """Return texts of Open XML without their escapes; lone surrogates become U+FFFD."""
    at = texts.str.contains(_ESCAPED.pattern).fill_null(False).arg_true()
    if not len(at):
        return texts
    plain = [unescaped(t).encode("utf-8", "replace").decode() for t in texts.gather(at)]
    return texts.scatter(at, pl.Series(plain, dtype=pl.String))


class Runs:
    """Collects the runs of one rich text; `text()` is what a reader of the sheet sees of it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._struck: list[str] = []

    def add(self, text: str, *, superscript: bool = False, strike: bool = False) -> None:
        """Add a run. Superscripts become such characters."""
        if superscript:
            text = raised(text)
        if strike:
            self._struck.append(text)
        else:
            self._parts.append(text)

    def text(self) -> str:
        """Return the text without struck-out runs, `LEFT_OUT` behind it where there are any.

        Where nothing else stands, they are returned marked as struck.
        """
        kept = "".join(self._parts)
        if self._struck and not kept.strip():
            return struck("".join(self._struck))
        return kept + LEFT_OUT if self._struck else kept
