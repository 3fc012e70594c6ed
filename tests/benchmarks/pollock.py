"""How well polluted CSV is read, scored as the Pollock benchmark scores data loading.

    python -m tests.benchmarks.pollock [--rows 84] [--original DIR]

Vitagliano et al., "Pollock: A Data Loading Benchmark", PVLDB 16(8), 2023, pollute one table of 84
rows and nine columns in 25 kinds of ways and compare what a system loads with the clean table:
success, and precision, recall and F1 of header, records and cells, 10 in sum for each file. The
simple score is the mean over all files, the weighted one follows how often a pollution was found
in 3,712 files of open data. The known titles of the header are given, as contracts give them.

The table is our own and so are the pollutions, written after the paper's description. With
`--original` the files of a copy of the benchmark are read instead (its folder with `csv` and
`clean`).
"""

import argparse
import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sources.limits import Limits
from sources.reading.delimited import read_delimited
from sources.reading.encoding import decode
from sources.reading.raw import EXTRA, ROW_NUMBER, RawTable, Refusal

Rows = list[list[str]]

TITLES = ("日期", "时间", "数量", "编号", "金额", "名称", "说明", "网址", "备注")
_QUOTED = (6, 7)  # columns whose cells are always quoted
ROWS = 84
# Kind of pollution -> (files of it in the benchmark, their weight together); table 2 of the paper.
KINDS: dict[str, tuple[int, float]] = {
    "source": (1, 1),
    "no payload": (1, 15),
    "no trailing newline": (1, 184),
    "double trailing newline": (1, 5),
    "no header": (1, 470),
    "header of 2 rows": (1, 47),
    "header of 3 rows": (1, 47),
    "preamble": (1, 282),
    "second table, less columns": (1, 62.67),
    "second table, same columns": (1, 62.67),
    "second table, more columns": (1, 62.67),
    "header only": (1, 3),
    "one data row": (1, 4),
    "records end in LF": (1, 1691),
    "records end in CR": (1, 7),
    "fields parted by ;": (1, 834),
    "fields parted by tab": (1, 4),
    "fields parted by comma and space": (1, 101),
    "fields parted by space": (1, 4),
    "quoted by '": (1, 11),
    "escaped by \\": (1, 1),
    "not escaped": (1, 7),
    "row with a separator more": (756, 278.02),
    "row with a separator less": (672, 247.13),
    "row with a quote more": (756, 7.0),
    "row parted by spaces": (84, 12.0),
}


@dataclass(frozen=True)
class Polluted:
    """A polluted file and the table that a reader should make of it."""

    kind: str
    content: bytes
    clean: Rows


@dataclass(frozen=True)
class Writing:
    """How a table is written."""

    separator: str = ","
    quote: str = '"'
    escaped: str = '"'
    end: str = "\r\n"


PLAIN = Writing()


def source(seed: int = 7) -> Rows:
    """Return the clean table: a header and 83 records, with commas and quotes in its texts."""
    chance = random.Random(seed)
    words = ["水质", "监测", "断面", "自动", "站", "沁河", "采样", "复核", "设备", "月报", "上游"]

    def phrase(count: int, *, odd: bool) -> str:
        text = "".join(chance.choices(words, k=count))
        return f"{text}, {chance.choice(words)}'s 48\" {text[::-1]}" if odd else text

    table = [list(TITLES)]
    for number in range(ROWS - 1):
        table.append(
            [
                f"{2018 + number // 12}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
                f"{number % 24:02d}:15",
                str(number % 9),
                f"BH-{chance.randint(1000, 9999)}",
                f"￥{chance.randint(1, 99)}.{chance.randint(10, 99)}",
                phrase(2, odd=number % 17 == 3),
                phrase(9, odd=number % 3 == 0),
                f"https://example.org/p/{number}.html",
                "",
            ]
        )
    return table


def written(table: Rows, how: Writing = PLAIN, rows: dict[int, str] | None = None) -> str:
    """Return a table as text; `rows` are lines to put in place of some."""
    lines = [
        (rows or {}).get(number, line(cells, how, header=number == 0))
        for number, cells in enumerate(table)
    ]
    return "".join(text + how.end for text in lines)


def fields(cells: Sequence[str], how: Writing, *, header: bool = False) -> list[str]:
    """Return the cells of a row as they are written."""
    found = []
    for position, cell in enumerate(cells):
        needs = how.separator in cell or how.quote in cell
        if how.separator == " ":
            needs = position in (5, *_QUOTED)
        if needs or (position in _QUOTED and not header):
            cell = how.quote + cell.replace(how.quote, how.escaped + how.quote) + how.quote
        found.append(cell)
    return found


def line(cells: Sequence[str], how: Writing, *, header: bool = False) -> str:
    """Return a row as a line, without its end."""
    return how.separator.join(fields(cells, how, header=header))


def polluted(rows: Sequence[int] = range(ROWS)) -> Iterator[Polluted]:
    """Yield every polluted file; those of single rows for these rows only."""
    table = source()
    yield from _of_file(table)
    yield from _of_writing(table)
    for row in rows:
        yield from _of_row(table, row)


def _of_file(table: Rows) -> Iterator[Polluted]:
    def made(kind: str, text: str, clean: Rows = table) -> Polluted:
        return Polluted(kind, text.encode(), clean)

    text = written(table)
    header = line(TITLES, PLAIN, header=True) + "\r\n"
    yield made("source", text)
    yield made("no payload", "", [])
    yield made("no trailing newline", text.removesuffix("\r\n"))
    yield made("double trailing newline", text + "\r\n")
    yield made("no header", text.removeprefix(header), table[1:])
    for count in (2, 3):
        clean = [[" ".join([title] * count) for title in TITLES], *table[1:]]
        yield made(f"header of {count} rows", header * (count - 1) + text, clean)
    commas = "," * (len(TITLES) - 1)
    yield made("preamble", f"水质月报{commas}\r\n{commas}\r\n{text}")
    for kind, width in (("less", 8), ("same", 9), ("more", 10)):
        second = [[*row, "列1" if n == 0 else "1"][:width] for n, row in enumerate(table)]
        yield made(f"second table, {kind} columns", text + written(second))
    yield made("header only", header, table[:1])
    yield made("one data row", written(table[:2]), table[:2])


def _of_writing(table: Rows) -> Iterator[Polluted]:
    for kind, how in (
        ("records end in LF", Writing(end="\n")),
        ("records end in CR", Writing(end="\r")),
        ("fields parted by ;", Writing(";")),
        ("fields parted by tab", Writing("\t")),
        ("fields parted by comma and space", Writing(", ")),
        ("fields parted by space", Writing(" ")),
        ("quoted by '", Writing(quote="'", escaped="'")),
        ("escaped by \\", Writing(escaped="\\")),
        ("not escaped", Writing(escaped="")),
    ):
        yield Polluted(kind, written(table, how).encode(), table)


def _of_row(table: Rows, row: int) -> Iterator[Polluted]:
    def made(kind: str, text: str, clean: Rows = table) -> Polluted:
        return Polluted(kind, written(table, rows={row: text}).encode(), clean)

    cells = table[row]
    parts = fields(cells, PLAIN, header=row == 0)
    for column in range(len(cells)):
        more = [*parts[:column], "", *parts[column:]]
        yield made("row with a separator more", ",".join(more))
        if column:
            joined = parts[column - 1] + parts[column]
            less = [*parts[: column - 1], joined, *parts[column + 1 :]]
            yield made("row with a separator less", ",".join(less))
        quoted = parts[column]
        at = quoted.startswith('"')
        odd = [*parts[:column], quoted[:at] + '"' + quoted[at:], *parts[column + 1 :]]
        changed = [*cells[:column], '"' + cells[column], *cells[column + 1 :]]
        clean = [*table[:row], changed, *table[row + 1 :]]
        yield made("row with a quote more", ",".join(odd), clean)
    yield made("row parted by spaces", " ".join(parts))


def records_of(data: bytes, titles: Sequence[str]) -> Rows:
    """Return header and records of the first table of a file as the product reads it."""
    known = {title.lower() for title in titles}

    def is_title(text: str) -> bool:
        return text.strip().lower() in known

    def is_header(cells: Sequence[str]) -> bool:
        filled = [cell for cell in cells if cell.strip()]
        return sum(map(is_title, filled)) * 2 > len(filled)

    try:
        table = read_delimited(decode(data), is_title, Limits())
    except Refusal:
        return []
    first = next((i for i, row in enumerate(table.head) if is_header(row.cells)), None)
    last, header = -1, []
    if first is not None:
        last = first
        while last + 1 < len(table.head) and is_header(table.head[last + 1].cells):
            last += 1
        lines = [table.head[i].cells for i in range(first, last + 1)]
        width = max(map(len, lines))
        header = [" ".join(part[i] for part in lines if i < len(part)) for i in range(width)]
    found = [header] if header else []
    for cells in _body(table, last, len(header)):
        if header and is_header(cells):  # another table begins
            break
        found.append(cells)
    return found


def _body(table: RawTable, last: int, width: int) -> Iterator[list[str]]:
    """Yield the rows below a header that are not empty, with what they have beyond its width."""
    width = width or max(len(row.cells) for row in table.head)
    for rows in table.rows(last, width):
        frame = rows.frame().drop(ROW_NUMBER)
        names = [name for name in frame.columns if name != EXTRA]
        for *cells, extra in frame.select(*names, EXTRA).iter_rows():
            texts = [cell or "" for cell in cells] + ([extra] if extra else [])
            if any(text.strip() for text in texts):
                yield texts


def score(clean: Rows, loaded: Rows) -> float:
    """Return what a loaded file is worth, at most 10."""
    if not clean:
        return 10.0
    header = _measures(*([c.lower() for c in (rows or [[]])[0]] for rows in (clean, loaded)))
    records = _measures(*(["".join(r).lower() for r in rows[1:]] for rows in (clean, loaded)))
    cells = _measures(*([c for r in rows for c in r] for rows in (clean, loaded)))
    return 1.0 + sum(header) + sum(records) + sum(cells)


def _measures(clean: Sequence[str], loaded: Sequence[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of what was loaded, as multisets."""
    if not clean:
        return 1.0, 1.0, 1.0
    both = (Counter(clean) & Counter(loaded)).total()
    if not both:
        return 0.0, 0.0, 0.0
    first, second = both / len(clean), both / len(loaded)
    return first, second, 2 * first * second / (first + second)


def scores(by_kind: dict[str, list[float]]) -> tuple[float, float]:
    """Return the simple and the weighted score of the mean of each kind."""
    means = {kind: sum(found) / len(found) for kind, found in by_kind.items()}
    found = []
    for index in (0, 1):
        share = {kind: KINDS[kind][index] for kind in means}
        found.append(sum(means[k] * share[k] for k in means) / sum(share.values()))
    return found[0], found[1]


def measured(rows: Sequence[int] = range(ROWS)) -> dict[str, list[float]]:
    """Return the scores of our polluted files by kind."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for file in polluted(rows):
        by_kind[file.kind].append(score(file.clean, records_of(file.content, TITLES)))
    return by_kind


_ORIGINAL = (
    ("row_more_sep", "row with a separator more"),
    ("row_less_sep", "row with a separator less"),
    ("row_extra_quote", "row with a quote more"),
    ("row_field_delimiter", "row parted by spaces"),
    ("file_no_payload", "no payload"),
    ("file_no_trailing", "no trailing newline"),
    ("file_double_trailing", "double trailing newline"),
    ("file_no_header", "no header"),
    ("file_header_multirow_2", "header of 2 rows"),
    ("file_header_multirow_3", "header of 3 rows"),
    ("file_preamble", "preamble"),
    ("file_multitable_less", "second table, less columns"),
    ("file_multitable_same", "second table, same columns"),
    ("file_multitable_more", "second table, more columns"),
    ("file_header_only", "header only"),
    ("file_one_data_row", "one data row"),
    ("file_record_delimiter_0xA", "records end in LF"),
    ("file_record_delimiter_0xD", "records end in CR"),
    ("file_field_delimiter_0x3B", "fields parted by ;"),
    ("file_field_delimiter_0x9", "fields parted by tab"),
    ("file_field_delimiter_0x2C_0x20", "fields parted by comma and space"),
    ("file_field_delimiter_0x20", "fields parted by space"),
    ("file_quotation_char", "quoted by '"),
    ("file_escape_char_0x5C", "escaped by \\"),
    ("file_escape_char_0x00", "not escaped"),
    ("source", "source"),
)


def measured_original(folder: Path) -> dict[str, list[float]]:
    """Return the scores of a copy of the benchmark's own files by kind."""

    def clean_of(name: str) -> Rows:
        with (folder / "clean" / name).open(newline="", encoding="utf-8-sig") as file:
            return list(csv.reader(file))

    titles = clean_of("source.csv")[0]
    by_kind: dict[str, list[float]] = defaultdict(list)
    for path in sorted((folder / "csv").glob("*.csv")):
        kind = next(kind for start, kind in _ORIGINAL if path.name.startswith(start))
        by_kind[kind].append(score(clean_of(path.name), records_of(path.read_bytes(), titles)))
    return by_kind


def main() -> None:
    """Print both scores, and the kinds that are not read without loss."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS, help="rows that are polluted singly")
    parser.add_argument("--original", type=Path, help="a copy of the benchmark's polluted_files")
    arguments = parser.parse_args()
    if arguments.original:
        by_kind = measured_original(arguments.original)
    else:
        by_kind = measured(range(arguments.rows))
    simple, weighted = scores(by_kind)
    print(
        f"{sum(map(len, by_kind.values())):,} files: simple {simple:.3f}, weighted {weighted:.3f}"
    )
    for kind, found in sorted(by_kind.items(), key=lambda pair: sum(pair[1]) / len(pair[1])):
        if min(found) < 10:
            print(f"  {sum(found) / len(found):6.3f}  least {min(found):6.3f}  {kind}")


if __name__ == "__main__":
    main()
