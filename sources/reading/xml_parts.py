"""XML read as a stream by expat: no document type, no entity, bounded depth and token size.

Belongs here: what every reader of an XML part needs (XLSX, ODS, XML Spreadsheet 2003). What the
elements mean is for the readers.
"""

from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from sources.limits import Limits
from sources.reading.raw import Refusal

_BLOCK = 1 << 18
_DEEPEST = 200
_LONGEST_TOKEN = 1 << 25  # bytes of one tag that expat may hold back before it is complete
_MOST_NAMES = 1_000

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


class LocalNames(dict[str, str]):
    """Element and attribute names without their prefix, each looked up once."""

    def __missing__(self, name: str) -> str:
        local = name.rpartition(":")[2]
        if len(self) < _MOST_NAMES:
            self[name] = local
        return local


def plain_attributes(attributes: dict[str, str]) -> dict[str, str]:
    """Return attributes with the prefixes of their names dropped."""
    return {name.rpartition(":")[2]: value for name, value in attributes.items()}


def parse_xml(
    part: IO[bytes],
    limits: Limits,
    *,
    start: Start,
    end: End,
    text: Text | None = None,
    encoding: str | None = None,
) -> None:
    """Parse a part; names reach `start` and `end` without prefixes, attributes as they stand.

    `encoding` overrides what the part declares. Raises Refusal (`damaged_spreadsheet` for a
    document type or nesting too deep, `spreadsheet_too_large`) and expat's ExpatError.
    """
    names = LocalNames()
    depth = 0

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise Refusal("damaged_spreadsheet", detail="标签嵌套过深")
        start(names[name], attributes)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(names[name])

    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _no_doctype
    read = 0
    while block := part.read(_BLOCK):
        read += len(block)
        if read > limits.max_spreadsheet_bytes:
            raise Refusal("spreadsheet_too_large", detail="解压后过大")
        parser.Parse(block, False)
        if read - parser.CurrentByteIndex > _LONGEST_TOKEN:
            raise Refusal("spreadsheet_too_large", detail="有一个标签的内容过长")
    parser.Parse(b"", True)


def _no_doctype(*_: object) -> None:
    raise Refusal("damaged_spreadsheet", detail="含有不允许的 DOCTYPE 声明")
