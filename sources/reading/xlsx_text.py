"""Texts of Open XML: rich text (`si` and `is`), and the shared strings of a workbook."""

from typing import IO

import polars as pl

from sources.limits import Limits
from sources.reading.raw import Refusal
from sources.reading.styled_text import Runs, unescaped_column
from sources.reading.xlsx_styles import is_true
from sources.reading.xml_parts import parse_xml

LONGEST_TEXT = 1 << 20  # Excel keeps 32,767 characters in a cell
_BATCH = 50_000


class RichText:
    """Handlers of what stands inside one `si` or `is`; `taken()` returns and forgets its text."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._runs = Runs()
        self._buffer: list[str] | None = None
        self._length = 0
        self._superscript = self._strike = self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._buffer = []
        elif name == "r":
            self._superscript = self._strike = False
        elif name == "rPh":
            self._phonetic = True
        elif name == "strike":
            self._strike = is_true(attributes.get("val", "1"))
        elif name == "vertAlign":
            self._superscript = attributes.get("val") == "superscript"

    def text(self, data: str) -> None:
        if self._buffer is not None:
            self._buffer.append(data)
            self._length += len(data)
            if self._length > LONGEST_TEXT:
                raise Refusal("spreadsheet_too_large", detail="有一个单元格的内容过长")

    def end(self, name: str) -> None:
        if name == "t":
            if not self._phonetic:
                text = "".join(self._buffer or ())
                self._runs.add(text, superscript=self._superscript, strike=self._strike)
            self._buffer = None
        elif name == "rPh":
            self._phonetic = False

    def taken(self) -> str:
        """Return the text read so far and begin anew."""
        text = self._runs.text()
        self._begin()
        return text


def read_strings(part: IO[bytes], limits: Limits) -> pl.Series:
    """Return the shared strings of a workbook in their order. Raises Refusal and ExpatError."""
    rich = RichText()
    done = [pl.Series([], dtype=pl.String)]
    held: list[str] = []

    def end(name: str) -> None:
        if name != "si":
            rich.end(name)
            return
        held.append(rich.taken())
        if len(held) >= _BATCH:
            flush()

    def flush() -> None:
        done.append(unescaped_column(pl.Series(held, dtype=pl.String)))
        held.clear()
        if sum(map(len, done)) > limits.max_strings:
            raise Refusal("spreadsheet_too_large", detail=f"文字超过 {limits.max_strings} 条")

    parse_xml(part, limits, start=rich.start, end=end, text=rich.text)
    flush()
    return pl.concat(done).rechunk()
