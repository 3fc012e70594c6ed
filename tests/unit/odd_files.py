"""Files as departments might send them, made at random from a seed: odd, wrong and broken ones.

`odd_file(seed)` is the corpus that the tests go through; run as a program it is a fuzz target:

    python -m tests.unit.odd_files --seconds 60 [--from 1000]

takes seed after seed, checks what must hold of every file and keeps those that break it.
"""

import argparse
import csv
import io
import json
import random
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl

from sources.contracts import Contract, Field, load_contracts
from sources.limits import Limits
from sources.read_file import read_file
from sources.receipts.receipts import receipt_page, receipt_text
from sources.receipts.templates import choices
from sources.summary import TableResult

CONTRACTS = load_contracts()
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")
_MISSING = ("", "—", "——", "--", "/", "未统计", "未检测", "NA", " ", "-;")
_BAD = ("abc", "１２x", "1.2.3", "=1+1", "@x", "#REF!", "99999999999", "-7", "2023-02-30", "例：5")
_BAD += ("\x07", "x" * 5_000, "<script>", "'; drop table x; --", "{value}", "😀", "٣", "∞")
_TITLES = (
    "阳城县2023年度统计表",
    "（内部资料）",
    "填报单位：某局",
    "填报日期：2024年1月5日",
    "单位：（略）",
)
_NOTES = ("注：本表为快报数", "说明：以年报为准", "填表人：张三", "审核人：李四  联系电话：123")
# What must never happen, however odd the file.
BROKEN = ("internal_check_failed", "unreadable_content")


@dataclass
class OddFile:
    """A file, who sends it, and what is known of it (None: anything may come out)."""

    seed: int
    name: str
    content: bytes
    department: str
    dataset: str | None = None
    rows: int | None = None
    tricks: list[str] = field(default_factory=list)


def odd_file(seed: int) -> OddFile:
    """Return the odd file of a seed."""
    chance = random.Random(seed)
    contract = chance.choice(list(CONTRACTS))
    table = _Table(contract, chance)
    made = OddFile(
        seed=seed,
        name=f"{contract.title_zh}-{seed}.csv",
        content=b"",
        department=chance.choice(contract.departments_allowed),
        dataset=contract.dataset,
        rows=len(table.rows),
        tricks=table.tricks,
    )
    form = chance.choices(["csv", "xlsx", "zip", "broken"], [12, 3, 2, 5])[0]
    made.tricks.append(form)
    if form == "xlsx":
        made.content = table.workbook()
    elif form == "zip":
        made.content = _zip({"a/数据.csv": table.csv(), "说明.txt": b""})
    elif form == "broken":
        made.content = _break(chance.choice([table.csv, table.workbook])(), chance)
        made.dataset = made.rows = None
    else:
        made.content = table.csv()
    return made


class _Table:
    """A table of one dataset with odd values, odd rows around it, in some odd writing."""

    def __init__(self, contract: Contract, chance: random.Random) -> None:
        self.contract = contract
        self.chance = chance
        self.tricks: list[str] = []
        fields = list(contract.fields)
        chance.shuffle(fields)
        self.fields = fields
        self.header = [self._header(f) for f in fields]
        count = chance.choice([1, 2, 5, 12, 40])
        self.rows = [[self._value(f, i) for f in fields] for i in range(count)]
        for row in self.rows:
            if not any(v.strip() for v in row):  # a row of nothing is no row
                row[0] = "x"
        self.above = [[t] for t in chance.sample(_TITLES, chance.choice([0, 0, 1, 3]))]
        self.below = [[t] for t in chance.sample(_NOTES, chance.choice([0, 0, 1, 2]))]
        self.empty = chance.random() < 0.3

    def _header(self, declared: Field) -> str:
        text = self.chance.choice(declared.titles)
        trick = self.chance.random()
        if trick < 0.1:
            text = " " + "\u3000".join(text) + "*"
        elif trick < 0.2:
            text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
        if declared.unit and declared.unit != "无量纲" and trick > 0.7:
            text += f"（{declared.unit}）" if trick > 0.85 else f"({declared.unit})"
        return text

    def _value(self, declared: Field, number: int) -> str:
        trick = self.chance.random()
        if trick < 0.03:
            return self.chance.choice(_BAD)
        if trick < 0.08 and not declared.required:
            return self.chance.choice(_MISSING)
        options = choices(declared, CONTRACTS)
        if options:
            return self.chance.choice(options)
        match declared.type:
            case "year":
                return self.chance.choice(["{}", "{}年", " {}"]).format(2000 + number)
            case "month":
                form = self.chance.choice(["{}-{:02d}", "{}年{}月", "{}{:02d}", "{}/{}"])
                return form.format(2000 + number, self.chance.randint(1, 12))
            case "date":
                form = self.chance.choice(["{}-{:02d}-03", "{}年{}月3日", "{}{:02d}03", "{}.{}.3"])
                return form.format(2000 + number, self.chance.randint(1, 12))
            case "datetime":
                form = self.chance.choice(["{}-{:02d}-03 08:00", "{}/{}/3 8:05", "{}年{}月3日8时"])
                return form.format(2000 + number, self.chance.randint(1, 12))
            case "int":
                return self.chance.choice(["{}", "{}.0", "约{}"]).format(self.chance.randint(0, 90))
            case "float":
                form = self.chance.choice(["{:.3f}", "{:.1f}", "<{:.2f}", "{:.2f}L", "{:,.0f}"])
                return form.format(self.chance.uniform(0.1, 13))
        return self.chance.choice(["{}号", "名称,{}", '"{}"', "多\n行{}", "'{}", "={}"]).format(
            number
        )

    def lines(self) -> list[list[str]]:
        """All rows of the sheet, from title to notes."""
        body = [list(r) for r in self.rows]
        if self.empty:
            for _ in range(self.chance.randint(1, 3)):
                body.insert(self.chance.randint(0, len(body)), [""] * len(self.header))
        if self.chance.random() < 0.2 and len(body) > 3:
            body.insert(len(body) // 2, list(self.header))
            self.tricks.append("repeated header")
        return [*self.above, self.header, *body, *self.below]

    def csv(self) -> bytes:
        """The table as delimited text in some encoding."""
        separator = self.chance.choice([",", ",", "\t", ";"])
        newline = self.chance.choice(["\n", "\r\n"])
        buffer = io.StringIO()
        quoting = self.chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        writer = csv.writer(buffer, delimiter=separator, lineterminator=newline, quoting=quoting)
        writer.writerows(self.lines())
        encoding = self.chance.choice(ENCODINGS)
        self.tricks += [encoding, repr(separator), repr(newline)]
        text = buffer.getvalue()
        if self.chance.random() < 0.3:
            text = text.removesuffix(newline)
        return text.encode(encoding, errors="replace")

    def workbook(self) -> bytes:
        """The table as XLSX, numbers as numbers in about half of the files."""
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        numbers = self.chance.random() < 0.5
        left = self.chance.choice([0, 0, 2])
        for r, row in enumerate(self.lines(), start=self.chance.choice([1, 1, 4])):
            for c, text in enumerate(row, start=1 + left):
                clean = "".join(ch for ch in text if ch >= " " or ch == "\n")
                if not clean:
                    continue
                cell = sheet.cell(r, c)
                try:
                    cell.value = float(clean) if numbers and clean.isascii() else clean
                except ValueError:
                    cell.value = clean
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        buffer = io.BytesIO()
        workbook.save(buffer)
        return buffer.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _break(content: bytes, chance: random.Random) -> bytes:
    """Damage a file: cut it, flip, drop, repeat or insert bytes."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 3, 30])):
        if not data:
            break
        at = chance.randrange(len(data))
        match chance.randrange(6):
            case 0:
                del data[at:]
            case 1:
                data[at] ^= 1 << chance.randrange(8)
            case 2:
                del data[at : at + chance.randint(1, 50)]
            case 3:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 9)))
            case 4:
                data[at:at] = data[max(0, at - 200) : at]
            case 5:
                data[at:at] = chance.choice([b'"', b",,,,", b"\r", b"\x00", b"\xff\xfe", b"\n\n"])
    return bytes(data)


def check(made: OddFile, folder: Path) -> list[TableResult]:
    """Read an odd file and hold the result against what must be true of every file."""
    path = folder / "odd"
    path.write_bytes(made.content)
    results = read_file(path, file_name=made.name, department=made.department, contracts=CONTRACTS)
    assert results, "no result, so no receipt"
    same = read_file(
        path,
        file_name=made.name,
        department=made.department,
        contracts=CONTRACTS,
        limits=Limits(quick_bytes=0),
    )
    for result, quick in zip(results, same, strict=True):
        assert result.summary() == quick.summary(), "the quick way comes to something else"
        assert result.accepted.equals(quick.accepted)
        assert result.rejected.equals(quick.rejected)
    assert len({r.sheet for r in results}) == len(results)
    for result in results:
        assert result.reason_code not in BROKEN, result.reason_zh
        rows = result.rows_accepted + result.rows_rejected + result.rows_duplicate
        assert result.rows_read == rows
        assert result.rows_accepted == result.accepted.height
        assert result.rows_rejected == result.rejected["row_number"].n_unique()
        assert (result.status == "refused") == (result.reason_code is not None)
        lines = result.accepted["row_number"] if result.rows_accepted else []
        assert not set(lines) & set(result.rejected["row_number"]), "a row both ways"
        submission = {**json.loads(json.dumps(result.summary())), "department": made.department}
        assert receipt_text(submission, result.rejected)
        assert "<section" in receipt_page([(submission, result.rejected)])
    if made.dataset is not None:
        # A header that is repeated may part the rows into tables of their own.
        tables = [r for r in results if r.dataset is not None or "数据" in r.sheet or not r.sheet]
        assert {t.dataset for t in tables} == {made.dataset}, [t.reason_zh for t in tables]
        read = sum(t.rows_read for t in tables)
        assert read == made.rows, (read, made.rows, [t.skipped_lines for t in tables])
        reasons = {t.reason_code for t in tables}
        assert reasons <= {None, "all_rows_rejected"}, [t.reason_zh for t in tables]
    return results


def main() -> None:
    """Go through seeds until the time is over; keep the files that break a rule."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--from", type=int, default=1_000, dest="first")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    end = time.monotonic() + arguments.seconds
    seed, broken = arguments.first, 0
    with tempfile.TemporaryDirectory() as scratch:
        while time.monotonic() < end:
            made = odd_file(seed)
            try:
                check(made, Path(scratch))
            except Exception as error:
                broken += 1
                kept = arguments.keep / made.name
                kept.write_bytes(made.content)
                print(f"seed {seed} ({', '.join(made.tricks)}): {error!r:.300} -> {kept}")
            seed += 1
    print(f"{seed - arguments.first} files, {broken} broke a rule")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
