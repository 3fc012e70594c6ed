"""The sample submissions hold what the county's plans print, and nothing else.

Checks of `sources/samples` belong here: each measured cell leads to its printed figure, the files
keep the habits of the departments, and every row is one that its contract takes. The files are
read by a small decoder of this module's own, so that these checks do not lean on the intake.
The comparison with the plan and its observations needs ../shared and is skipped without it.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

import pytest

from sources.contracts import Contract, Field, fold, load_contracts

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sources/samples"
SHARED = ROOT.parent / "shared"
MISSING = {"", "—", "未统计"}
DOMAINS = {"water", "forestry", "agriculture", "energy", "waste", "air", "economy"}
PRINTED_UNITS = {"万人口": "万人", "个村": "个"}  # as the plan writes them: as the contracts do

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared is absent: samples are not compared with the plan"
)


class Column(NamedTuple):
    title: str
    field: Field
    unit: str


class Sample(NamedTuple):
    name: str
    encoding: str
    text: str
    contract: Contract
    columns: list[Column]
    rows: list[tuple[int, dict[str, str]]]  # line in the file, cell by field

    def key(self, row: dict[str, str]) -> tuple[str, ...]:
        return tuple(normalize("NFKC", row[f.field]) for f in self.contract.key_fields)


class Cell(NamedTuple):
    sample: Sample
    line: int
    row: dict[str, str]
    field: Field
    value: str
    unit: str


def decode(content: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8", "gb18030"):
        try:
            return encoding, content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("neither UTF-8 nor GB18030")


def column(contract: Contract, header: str) -> Column | None:
    titles = {fold(title): f for f in contract.fields for title in f.titles}
    if fold(header) in titles:
        return Column(header, titles[fold(header)], "")
    title, unit = re.fullmatch(r"(.*?)(?:[(（]([^()（）]*)[)）])?", header).groups()
    found = titles.get(fold(title))
    return Column(header, found, unit) if found and unit else None


def fits(header: list[str]) -> list[tuple[Contract, list[Column]]]:
    """The contracts that know every header and find their required fields among them."""
    fitting = []
    for contract in load_contracts():
        columns = [column(contract, title) for title in header]
        present = {c.field.field for c in columns if c}
        if all(columns) and present >= {f.field for f in contract.fields if f.required}:
            fitting.append((contract, columns))
    return fitting


@cache
def samples() -> list[Sample]:
    """Every sample file, in the order in which the intake takes them."""
    loaded = []
    for path in sorted(SAMPLES.glob("*/*.csv")):
        encoding, text = decode(path.read_bytes())
        header, *lines = csv.reader(io.StringIO(text, newline=""))
        fitting = fits(header)
        assert len(fitting) == 1, f"{path.name}: fits {[c.dataset for c, _ in fitting]}"
        contract, columns = fitting[0]
        rows = [
            (n, {c.field.field: cell for c, cell in zip(columns, line, strict=True)})
            for n, line in enumerate(lines, start=2)
        ]
        name = path.relative_to(SAMPLES).as_posix()
        loaded.append(Sample(name, encoding, text, contract, columns, rows))
    return loaded


def measured() -> list[Cell]:
    """Every cell that is no key and not missing; a statistic's unit belongs to its value."""
    cells = []
    for sample in samples():
        by_row = sample.contract.dataset == "socioeconomics"
        for line, row in sample.rows:
            for title in sample.columns:
                field, value = title.field, row[title.field.field]
                if field.key or value.strip() in MISSING or (by_row and field.field == "unit"):
                    continue
                unit = row["unit"] if by_row else title.unit or ("%" if "%" in value else "")
                cells.append(Cell(sample, line, row, field, value, unit))
    return cells


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def provenance() -> list[dict[str, str]]:
    return read_csv(SAMPLES / "provenance.csv")


def provenance_of() -> dict[tuple[str, int, str], dict[str, str]]:
    return {(p["file"], int(p["row"]), p["column"]): p for p in provenance()}


def cell_key(cell: Cell) -> tuple[str, int, str]:
    return cell.sample.name, cell.line, cell.field.field


def number(text: str) -> Fraction:
    return Fraction(re.sub(r"[,约%\s]", "", normalize("NFKC", text)))


def squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


def printed_unit(text: str) -> str:
    unit = re.sub(r"[\s^]|/a$", "", text)
    return PRINTED_UNITS.get(unit, unit)


@cache
def observations() -> dict[str, dict[str, str]]:
    return {o["obs_id"]: o for o in read_csv(SHARED / "reference/observations_2015_2020.csv")}


@cache
def section_statements() -> dict[str, dict[str, str]]:
    return {s["stmt_id"]: s for s in read_csv(SHARED / "reference/entities/sections.csv")}


def test_each_department_may_deliver_its_files() -> None:
    wrong = [
        s.name for s in samples() if s.name.split("/")[0] not in s.contract.departments_allowed
    ]
    assert not wrong, f"move them to a folder of a department that the contract allows: {wrong}"


def test_the_samples_cover_every_domain() -> None:
    fed = {s.contract.dataset: s.contract.domain for s in samples()}
    assert len(fed) >= 14
    assert set(fed.values()) >= DOMAINS


def test_the_files_are_as_different_as_departments_send_them() -> None:
    encodings = Counter(s.encoding for s in samples())
    assert encodings["gb18030"] >= 4
    assert encodings["utf-8-sig"] and encodings["utf-8"]
    assert sum(any(c.unit for c in s.columns) for s in samples()) >= 4
    assert len({"\r\n" in s.text for s in samples()}) == 2, "both kinds of line ends"
    aliases = {fold(alias) for c in load_contracts() for f in c.fields for alias in f.aliases}
    assert len(aliases & {fold(c.title) for s in samples() for c in s.columns}) >= 4
    declared = [[f.field for f in s.contract.fields] for s in samples()]
    orders = [[c.field.field for c in s.columns] for s in samples()]
    assert any(
        order != [f for f in fields if f in order]
        for order, fields in zip(orders, declared, strict=True)
    ), "columns in another order than the contract's"
    text = "".join(s.text for s in samples())
    for habit in ("—", "未统计", "约", "２０２０", '"23,876.9"', "85.39%"):
        assert habit in text, f"no file has {habit} any more"


def number_problem(cell: Cell) -> str | None:
    """Return what is wrong with a number in the contract's unit, else None."""
    field, factor = cell.field, Fraction(1)
    if field.unit and cell.unit:
        factor = load_contracts().units.factor(cell.unit, field.unit)
    value = number(cell.value) * factor
    if field.type == "int" and value.denominator != 1:
        return "not a whole number"
    if field.minimum is not None and value < field.minimum:
        return "too small"
    if field.maximum is not None and value > field.maximum:
        return "too large"
    return None


def cell_problem(cell: Cell) -> str | None:
    """Return what is wrong with the value of a cell by its contract, else None."""
    field = cell.field
    if field.values and cell.value not in field.values:
        return f"not one of {field.values}"
    if field.type == "area" and load_contracts().areas.find(cell.value) is None:
        return "no area"
    return number_problem(cell) if field.type in ("int", "float") else None


def row_problems(sample: Sample, line: int, row: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    """Yield the problems of a row: missing values, wrong values."""
    present = {name for name, value in row.items() if value.strip() not in MISSING}
    required = {f.field for f in sample.contract.fields if f.required}
    needs = sample.contract.row_needs
    if required - present or (needs and not any(present >= set(g) for g in needs)):
        yield sample.name, line, "a required value is missing"
    for title in sample.columns:
        cell = Cell(sample, line, row, title.field, row[title.field.field], title.unit)
        if title.field.field in present and (problem := cell_problem(cell)):
            yield (*cell_key(cell), cell.value, problem)


def test_each_row_is_one_that_its_contract_takes() -> None:
    problems: list[tuple[Any, ...]] = []
    for sample in samples():
        for line, row in sample.rows:
            problems += row_problems(sample, line, row)
        keys = Counter(sample.key(row) for _, row in sample.rows)
        problems += [(sample.name, key, "twice") for key, count in keys.items() if count > 1]
    assert not problems


def test_every_measured_cell_has_its_provenance_and_the_other_way_round() -> None:
    assert len(provenance_of()) == len(provenance()), "two provenance lines for one cell"
    lines = {key: (p["value"], p["unit"]) for key, p in provenance_of().items()}
    cells = {cell_key(cell): (cell.value, cell.unit) for cell in measured()}
    assert cells == lines
    assert all(p["obs_ids"] and p["quote"] and p["section"] for p in provenance())


def test_where_the_plan_prints_two_values_the_later_file_counts() -> None:
    """Both values stay; a correction repeats the figures of its row that it does not correct."""
    versions: dict[tuple[Any, ...], list[dict[str, str]]] = defaultdict(list)
    for sample in samples():
        for _, row in sample.rows:
            present = {name: v for name, v in row.items() if v.strip() not in MISSING}
            versions[(sample.contract.dataset, *sample.key(row))].append(present)

    def printed(field: str, *key: str) -> list[str]:
        return [row[field] for row in versions[key] if field in row]

    assert printed("pm25", "air_quality_annual", "2018") == ["49", "46"]
    assert printed("so2", "air_quality_annual", "2018") == ["15", "21"]
    assert printed("reported_rate", "air_quality_annual", "2020") == ["83.83", "83.6"]
    assert printed("reported_rate", "rural_sewage", "2020", "全县") == ["75", "79.3"]
    emitted = ("emission", "pollutant_emissions", "2019")
    assert printed(*emitted, "化学需氧量", "工业") == ["102", "101"]
    assert printed(*emitted, "二氧化硫", "合计") == ["0.47", "8,994"]
    for key, rows in versions.items():
        for earlier, later in pairwise(rows):
            assert set(earlier) <= set(later), f"{key}: the later report drops a printed figure"


def test_figures_that_the_plan_does_not_print_are_not_there() -> None:
    air = [
        row for s in samples() if s.contract.dataset == "air_quality_annual" for _, row in s.rows
    ]
    assert {row["no2"] for row in air if row["year"] == "2019"} == {"—"}
    assert {row.get("valid_days", "—") for row in air} == {"—"}
    forest = [c for s in samples() if s.contract.dataset == "forest_resources" for c in s.columns]
    assert "land_area" not in {c.field.field for c in forest}
    fed = {s.contract.dataset for s in samples()}
    assert not fed & {"water_use", "electricity_use", "coalbed_methane", "water_section_quality"}


@needs_shared
def test_each_value_is_the_observation_that_it_names() -> None:
    units = load_contracts().units
    wrong = []
    for cell in measured():
        ids = provenance_of()[cell_key(cell)]["obs_ids"].split(";")
        for observation in (observations()[i] for i in ids if i.startswith("O")):
            given = printed_unit(observation["unit"])
            value, printed = number(cell.value), Fraction(observation["value"])
            if cell.field.unit:
                value *= units.factor(cell.unit or cell.field.unit, cell.field.unit)
                printed *= units.factor(given or cell.field.unit, cell.field.unit)
            elif fold(cell.unit) != fold(given):
                wrong.append((*cell_key(cell), cell.unit, observation["obs_id"], given))
            year = normalize("NFKC", cell.row["year"])
            named = cell.row.get("statistic", observation["variable_zh"])
            if (value, year) != (printed, observation["year"]) or not named.startswith(
                observation["variable_zh"]
            ):
                wrong.append((*cell_key(cell), cell.value, observation["obs_id"]))
        for statement in (section_statements()[i] for i in ids if i.startswith("S")):
            stated = {"river_name": "river_zh", "target_class": "target_class"}.get(
                cell.field.field
            )
            if stated and statement[stated] != cell.value:
                wrong.append((*cell_key(cell), cell.value, statement["stmt_id"]))
    assert not wrong


@needs_shared
def test_no_derived_figure_target_or_rank_is_delivered() -> None:
    used = {i for p in provenance() for i in p["obs_ids"].split(";") if i.startswith("O")}
    wrong = [
        o["obs_id"]
        for o in (observations()[i] for i in used)
        if o["note"].startswith("derived")
        or o["value_kind"] == "rank"
        or re.search("assessment (target|requirement)|planned", o["note"])
        or not re.fullmatch(r"\d{4}", o["year"])  # undated, or over several years
    ]
    assert not wrong


@needs_shared
def test_each_quote_stands_in_the_plan() -> None:
    plan = squeeze((SHARED / "plan.txt").read_text(encoding="utf-8"))
    missing = {p["quote"] for p in provenance() if squeeze(p["quote"]) not in plan}
    assert not missing
    foreign = [
        (p["file"], p["row"], p["column"])
        for p in provenance()
        for first in [p["obs_ids"].split(";")[0]]
        if first.startswith("O") and p["quote"] != observations()[first]["quote"]
    ]
    assert not foreign, "the quote must be that of the first observation named"
