"""Files that are wrong in their structure: parts, records, directories, tags; made from a seed.

`broken_file(seed)` is what the suite goes through; run as a program it is a fuzz target:

    python -m tests.unit.structure_fuzz --seconds 60 [--from 1000]

Whatever the file, a reader yields tables and refusals or refuses it whole; nothing else is raised.
"""

import argparse
import random
import re
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

try:
    from containers import containers, package_of, parts_of, xlsx_forms
except ImportError:  # run as a module of the project
    from tests.unit.containers import containers, package_of, parts_of, xlsx_forms

from sources.limits import MIB, Limits
from sources.reading.files import read_tables
from sources.reading.raw import RawTable, Refusal

LIMITS = Limits(max_spreadsheet_bytes=64 * MIB, max_spreadsheet_cells=2_000_000)
_NUMBERS = ("0", "-1", "1", "16384", "16385", "1048576", "1048577", "4294967296", "9" * 30, "x", "")
_VALUES = (
    *_NUMBERS,
    "1e999",
    "nan",
    "true",
    "A1",
    "ZZZZ9",
    "$A$1",
    "a1",
    "A0",
    "1:1",
    "&amp;",
    "\n",
)
_TAGS = ("row", "c", "v", "f", "is", "t", "r", "si", "mergeCell", "table-row", "table-cell", "Row")
_TAGS += ("Cell", "Data", "tr", "td", "table", "p", "cols", "col", "xf", "numFmt", "sheet")


@dataclass(frozen=True)
class BrokenFile:
    """A file, its seed and what was done to it."""

    seed: int
    content: bytes
    done: str


def broken_file(seed: int) -> BrokenFile:
    """Return the broken file of a seed."""
    chance = random.Random(seed)
    bases = {**containers(), **{f"xlsx {k}": v for k, v in xlsx_forms().items()}, "csv": _CSV}
    bases["zip"] = package_of({"a.csv": _CSV, "b/c.xlsx": bases["xlsx"], "d.xls": bases["html"]})
    name = chance.choice(sorted(bases))
    data = bases[name]
    ways: list[Callable[[bytes, random.Random], bytes]] = [_bytes]
    if data.startswith(b"PK"):
        ways += [_part, _part, _part, _directory]
    elif data.startswith(b"\xd0\xcf"):
        ways += [_records, _records]
    elif name == "csv":
        ways += [_text, _text]
    else:
        ways += [_markup, _markup]
    done = [name]
    for _ in range(chance.choice((1, 1, 2, 4))):
        way = chance.choice(ways)
        data = way(data, chance)
        done.append(way.__name__.strip("_"))
    return BrokenFile(seed, data, " ".join(done))


_CSV = '年份,区域,"森林面积(亩)"\n2020,全县,"1,5"\n2021,"凤\n城",2\n'.encode()


def _bytes(data: bytes, chance: random.Random) -> bytes:
    """Cut, flip, repeat or insert bytes."""
    changed = bytearray(data)
    at = chance.randrange(len(changed) or 1)
    match chance.randrange(4):
        case 0:
            del changed[at:]
        case 1 if changed:
            changed[at] ^= 1 << chance.randrange(8)
        case 2:
            changed[at:at] = changed[max(0, at - 300) : at]
        case _:
            changed[at:at] = chance.randbytes(chance.randint(1, 40))
    return bytes(changed)


def _part(data: bytes, chance: random.Random) -> bytes:
    """Change, remove, empty or exchange a part of a package."""
    try:
        parts = parts_of(data)
    except Exception:  # its directory or its bytes are broken already
        return _bytes(data, chance)
    if not parts:
        return data
    name = chance.choice(sorted(parts))
    match chance.randrange(7):
        case 0:
            del parts[name]
        case 1:
            parts[name] = b""
        case 2:
            parts[name] = parts[chance.choice(sorted(parts))]
        case 3:
            parts[name] = _bytes(parts[name], chance)
        case _:
            change = _records_of if name.endswith(".bin") else _markup
            parts[name] = change(parts[name], chance)
    return package_of(parts)


def _directory(data: bytes, chance: random.Random) -> bytes:
    """Put odd numbers into a ZIP's directory: sizes, offsets, methods, flags, counts."""
    changed = bytearray(data)
    places = [m.start() for m in re.finditer(rb"PK\x01\x02|PK\x05\x06|PK\x03\x04", data)]
    if places:
        at = chance.choice(places) + chance.choice((6, 8, 10, 14, 16, 20, 24, 28, 30, 42))
        changed[at : at + 4] = struct.pack("<I", chance.choice((0, 1, 0xFFFF, 2**31, 2**32 - 1)))
    return bytes(changed)


def _markup(data: bytes, chance: random.Random) -> bytes:
    """Change tags, attributes and their values."""
    text = data.decode("utf-8", errors="surrogateescape")
    attributes = list(re.finditer(r'([\w:.-]+)=(["\'])([^"\']*)\2', text))
    tags = list(re.finditer(r"<(/?)([\w:-]+)[^<>]*>", text))
    way = chance.randrange(5)
    if way == 0 and attributes:
        found = chance.choice(attributes)
        return _put(text, found.start(3), found.end(3), chance.choice(_VALUES))
    if way == 1 and tags:
        found = chance.choice(tags)
        return _put(text, found.start(2), found.end(2), chance.choice(_TAGS))
    if way == 2 and tags:
        found = chance.choice(tags)
        return _put(
            text, found.start(), found.end(), chance.choice(("", found[0] * 3, "<a>" * 300))
        )
    if way == 3 and tags:
        one, other = chance.choice(tags), chance.choice(tags)
        first, last = min(one.end(), other.start()), max(one.end(), other.start())
        return _put(text, first, first, text[first:last] * chance.choice((1, 2)))
    at = chance.randrange(len(text) + 1)
    odd = chance.choice(
        ("&#0;", "&x;", "<![CDATA[x]]>", "<!-- -->", "<?x?>", "]]>", "\0", "_x0000_")
    )
    return _put(text, at, at, odd)


def _put(text: str, start: int, end: int, new: str) -> bytes:
    return (text[:start] + new + text[end:]).encode("utf-8", errors="surrogateescape")


def _records(data: bytes, chance: random.Random) -> bytes:
    """Change a record of BIFF: its kind, its length, its content."""
    start = data.find(b"\x09\x08\x10\x00")
    if start < 0:
        return _bytes(data, chance)
    changed, places, at = bytearray(data), [], start
    while at + 4 <= len(data) and len(places) < 500:
        places.append(at)
        at += 4 + int.from_bytes(data[at + 2 : at + 4], "little")
    at = chance.choice(places)
    size = int.from_bytes(data[at + 2 : at + 4], "little")
    match chance.randrange(3):
        case 0:
            changed[at : at + 2] = struct.pack("<H", chance.randrange(0x10000))
        case 1:
            changed[at + 2 : at + 4] = struct.pack("<H", chance.choice((0, 1, size + 1, 0xFFFF)))
        case _ if size:
            place = at + 4 + chance.randrange(size)
            changed[place : place + 2] = chance.choice((b"\xff\xff", b"\x00\x00", b"\x00\x80"))
    return bytes(changed)


def _records_of(data: bytes, chance: random.Random) -> bytes:
    """Change two bytes of the binary records of XLSB."""
    if not data:
        return data
    changed = bytearray(data)
    at = chance.randrange(len(changed))
    changed[at : at + 2] = chance.choice((b"\xff\xff", b"\x00\x00", b"\x00\x80", b"\x9c\x01"))
    return bytes(changed)


def _text(data: bytes, chance: random.Random) -> bytes:
    """Put separators, quotes, line ends and odd bytes into delimited text."""
    at = chance.randrange(len(data) + 1)
    odd = (b'"', b"'", b'""', b'\\"', b",", b"\t", b"|", b";", b"\r", b"\n\n", b"\0" * 9, b"\x85")
    odd += ("“".encode(), "，".encode(), b"\xff\xfe", b"\xb7\xef", b"sep=;\n", b" " * 5, b"\x0c")
    return data[:at] + chance.choice(odd) * chance.choice((1, 1, 3)) + data[at:]


def check(made: BrokenFile, folder: Path) -> None:
    """Read a broken file to the end of every table; raise what a reader must not raise."""
    path = folder / "broken"
    path.write_bytes(made.content)
    try:
        for table in read_tables(path, lambda text: text.strip() in ("年份", "区域"), LIMITS):
            if isinstance(table, Refusal):
                continue
            assert isinstance(table, RawTable)
            width = max(len(row.cells) for row in table.head)
            for rows in table.rows(-1, width):
                assert rows.frame().width == width + 2
    except Refusal:
        return


def main() -> None:
    """Go through seeds until the time is over; keep the files that break the rule."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--from", type=int, default=1_000, dest="first")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    end = time.monotonic() + arguments.seconds
    seed, broken, slowest = arguments.first, 0, (0.0, 0)
    with tempfile.TemporaryDirectory() as scratch:
        while time.monotonic() < end:
            made = broken_file(seed)
            begun = time.monotonic()
            try:
                check(made, Path(scratch))
            except Exception as error:
                broken += 1
                kept = arguments.keep / f"broken-{seed}"
                kept.write_bytes(made.content)
                print(f"seed {seed} ({made.done}): {error!r:.300} -> {kept}")
            slowest = max(slowest, (time.monotonic() - begun, seed))
            seed += 1
    count = seed - arguments.first
    print(f"{count} files, {broken} broke the rule; slowest {slowest[0]:.2f} s (seed {slowest[1]})")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
