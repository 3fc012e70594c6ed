"""From a published value back to the rows that it was made from: `eco trace`.

Reads the published file, read-only, and the lake's manifests and rows. The marts state what a
value was made from (indicator_lineage) and how (indicator_formulas), formula_fields.yml which
fields that reads; nothing is computed again here. Only finding the chain and putting it into words
belongs here, printing is the command line's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from glob import escape
from pathlib import Path
from typing import Any

import duckdb

from sources.contracts import Contract, Contracts
from sources.contracts.stored_rows import SOURCE_CELLS
from warehouse.home.layout import Home
from warehouse.home.sql import identifier, literal
from warehouse.lake.index import submissions
from warehouse.lake.submissions import Submission, find, receipt_base
from warehouse.output.formula_fields import Fields, fields_of
from warehouse.publication.candidate import pending_candidate
from warehouse.publication.current import PublishError, current_manifest

COUNTY_KIND = "county"
BASIS_ZH = {"computed": "计算", "reported": "上报"}
AMOUNTS = ("int", "float")
# Columns with remarks on the values of a row.
REMARKS_ZH = {"flags": "提示", "censored_fields": "低于检出限"}
LISTED = 20  # rows of one submission that are shown with their values


class TraceError(RuntimeError):
    """There is nothing to trace; the message names what there is instead."""


@dataclass(frozen=True)
class Delivery:
    """The rows of one submission that a value was made from.

    `rows` are these rows with their values by field, at most LISTED of the `row_count` that went
    into the value, which lie between the lines `first_row` and `last_row`.
    """

    dataset: str
    dataset_zh: str
    submission_id: str
    department: str
    department_zh: str
    file_name: str
    sheet: str
    received_at: str
    sha256: str
    receipt: str
    archived: str
    first_row: int
    last_row: int
    row_count: int
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Trace:
    """The chain behind one value.

    `calculation` is the formula with its numbers in it, `fields` what it reads by dataset.
    """

    indicator_id: str
    name_zh: str
    unit: str
    year: int
    area: str
    value: float
    basis: str
    is_flagged: bool
    formula: str
    fields: Fields
    calculation: str
    parts: Mapping[str, Any]
    target: Mapping[str, Any]
    deliveries: tuple[Delivery, ...]
    publication: str

    def to_dict(self) -> dict[str, Any]:
        """Return the trace as a JSON object."""
        return asdict(self)


def _records(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any]
) -> list[dict]:
    found = connection.execute(query, list(values))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def number(value: float | None) -> str:
    """Return a number with up to twelve digits, without trailing zeros."""
    return "" if value is None else f"{value:.12g}"


def _sum_of_rows(contracts: Contracts, read: Fields, deliveries: Sequence[Delivery]) -> str:
    """Return the amounts of the rows, field by field, where all of them are shown."""
    sums = []
    for dataset in dict.fromkeys(delivery.dataset for delivery in deliveries):
        rows = [row for d in deliveries if d.dataset == dataset for row in d.rows]
        amounts = [f for f in contracts[dataset].fields if f.type in AMOUNTS and not f.key]
        for field in [f for f in amounts if f.field in read.get(dataset, ())] or amounts:
            values = [row[field.field] for row in rows if field.field in row]
            if 0 < len(values) <= LISTED:
                unit = f" {field.unit}" if field.unit else ""
                sums.append(f"{field.title_zh} {' + '.join(map(number, values))}{unit}")
    whole = all(len(d.rows) == d.row_count for d in deliveries)
    return "；".join(sums) if whole and sums else "按下列行汇总 from the rows below"


def _calculation(value: Mapping[str, Any], formula: Mapping[str, Any], sum_of_rows: str) -> str:
    """Return the formula with the numbers in it."""
    result = f"{number(value['value'])} {value['unit']}"
    if value["basis"] == "reported":
        return f"上报值（as reported）= {result}"
    top, bottom = value["numerator"], value["denominator"]
    if top is None or bottom is None:
        return f"{sum_of_rows} → {result}"
    # The factor before the fraction (100, 1000, 1) follows from the three numbers.
    factor = round(value["value"] * bottom / top) if top and bottom else 1
    before = f"{factor} × " if factor != 1 else ""
    if formula["change_of"]:
        base, level = bottom, bottom - top
        return f"{before}({number(base)} − {number(level)}) ÷ {number(base)} = {result}"
    if not bottom:
        return f"{number(top)} → {result}"
    return f"{before}{number(top)} ÷ {number(bottom)} = {result}"


def _value(connection: duckdb.DuckDBPyConnection, indicator: str, year: int, area: str) -> dict:
    known = _records(
        connection, "select * from marts.indicator_formulas where indicator_id = ?", [indicator]
    )
    if not known:
        ids = connection.execute(
            "select min(indicator_id), max(indicator_id) from marts.indicator_formulas "
            "group by substr(indicator_id, 1, 1) order by 1"
        ).fetchall()
        ranges = ", ".join(f"{first} to {last}" for first, last in ids)
        raise TraceError(
            f"'{indicator}' is no indicator. There are {ranges}; of the targets in the text (T) "
            "only those that a dataset measures. `eco status --indicators` lists the plans' own."
        )
    values = _records(
        connection,
        "select * from marts.indicator_values where indicator_id = ? order by year, area",
        [indicator],
    )
    for row in values:
        if row["year"] == year and row["area"] == area:
            return {**row, "formula": known[0]}
    name = f"{indicator} {known[0]['name_zh']}"
    if not values:
        raise TraceError(f"{name} has no value yet; it is made from {known[0]['datasets']}.")
    areas = sorted({row["area"] for row in values if row["year"] == year})
    years = sorted({row["year"] for row in values if row["area"] == area})
    has = []
    if areas:
        has.append(f"in {year} there is one of {', '.join(areas)}")
    if years:
        has.append(f"of {area} there are {', '.join(map(str, years))}")
    has = has or [f"there are {', '.join(sorted({str(row['year']) for row in values}))}"]
    raise TraceError(f"{name} has no value of {area} in {year}; {'; '.join(has)}.")


def _target(connection: duckdb.DuckDBPyConnection, indicator: str, year: int) -> dict[str, Any]:
    """Return baseline and target as published, with milestone and status of the year itself."""
    standing = _records(
        connection,
        "select baseline_2020, baseline_2020_raw, target_2025, target_2025_raw, target_in_force, "
        "target_comparator, target_source, latest_year, latest_value, status_zh, "
        "responsible_department_zh from marts.indicator_progress where indicator_id = ?",
        [indicator],
    )[0]
    of_year = _records(
        connection,
        "select milestone_value, status from marts.indicator_annual "
        "where indicator_id = ? and year = ?",
        [indicator, year],
    )
    return {**standing, "of_year": of_year[0] if of_year else None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _lake_rows(
    home: Home, contract: Contract, submission: Submission, lineage: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """Return the rows of a submission that lines of lineage name, in file order, at most LISTED."""
    paths = [home.root / file.path for file in submission.files]
    if not paths:
        return ()
    # A file knows the fields that its contract had when it was written.
    with duckdb.connect() as connection:
        files = "[" + ", ".join(literal(path) for path in paths) + "]"
        source = f"read_parquet({files}, union_by_name = true, hive_partitioning = false)"
        there = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
        fields = [f.field for f in contract.fields if f.field in there]
        cells = [SOURCE_CELLS] if SOURCE_CELLS in there else []
        names = ["row_number", *fields, *REMARKS_ZH, *cells]
        columns = ", ".join(identifier(name) for name in names)
        wanted = " or ".join(_condition(line) for line in lineage)
        found = connection.execute(
            f"select {columns} from {source} where {wanted} order by row_number limit {LISTED}"
        ).fetchall()
    rows = [dict(zip(names, map(_plain, row), strict=True)) for row in found]
    return tuple({k: v for k, v in row.items() if v is not None} for row in rows)


def _condition(line: Mapping[str, Any]) -> str:
    """Return which rows a line of lineage names: those of its lines, or of some cells of one."""
    if cells := line.get(SOURCE_CELLS):  # publications of earlier versions have no such column
        return f"(row_number = {line['row_number']} and {SOURCE_CELLS} = {literal(cells)})"
    return f"row_number between {line['row_number']} and {line['last_row']}"


def _receipt_page(base: Path) -> str:
    """Return the path of a receipt's page, whose name begins with the verdict where it is there."""
    name = f"{base.name}.html"
    return str(next(base.parent.glob(f"*{escape(name)}"), base.with_name(name)))


def _deliveries(
    home: Home, contracts: Contracts, lineage: Sequence[Mapping[str, Any]]
) -> Iterator[Delivery]:
    by_submission: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in lineage:
        by_submission.setdefault((line["dataset"], line["submission_id"]), []).append(line)
    first_of_file: dict[tuple[str, str], Submission] = {}
    for committed in submissions(home):
        first_of_file.setdefault((committed.department, committed.sha256), committed)
    for (dataset, identity), lines in by_submission.items():
        submission = find(home, identity)
        if submission is None:
            raise TraceError(
                f"{home.manifests / (identity + '.json')} is missing: the published file was made "
                "from a submission that the lake does not hold. Restore it from a backup."
            )
        contract = contracts[dataset]
        first = first_of_file[submission.department, submission.sha256]
        receipt = receipt_base(home, first)
        yield Delivery(
            dataset=dataset,
            dataset_zh=contract.title_zh,
            submission_id=identity,
            department=submission.department,
            department_zh=contracts.departments[submission.department].name_zh,
            file_name=submission.file_name,
            sheet=submission.sheet,
            received_at=submission.received_at,
            sha256=submission.sha256,
            receipt=_receipt_page(receipt),
            archived=str(home.archive / submission.sha256[:2] / submission.sha256),
            first_row=min(line["row_number"] for line in lines),
            last_row=max(line["last_row"] for line in lines),
            row_count=sum(line["row_count"] for line in lines),
            rows=_lake_rows(home, contract, submission, lines),
        )


def _published(home: Home) -> tuple[Path, str]:
    """Return the published file and its stamp."""
    if not home.database.exists():
        raise TraceError(f"nothing is published in {home.root} yet; run: eco nightly")
    manifest = current_manifest(home)  # raises where the file is damaged
    return home.database, manifest.stamp if manifest else ""


def _unpublished(home: Home) -> tuple[Path, str]:
    """Return the candidate that a load left, and its stamp."""
    try:
        found = pending_candidate(home)
    except PublishError:
        raise TraceError(
            "there is no candidate: the last load was published, or ended before its checks; "
            "leave --candidate out for what is published"
        ) from None
    return found.path, found.stamp


def trace(
    home: Home,
    contracts: Contracts,
    indicator: str,
    *,
    year: int,
    area: str | None = None,
    candidate: bool = False,
) -> Trace:
    """Return what a published value was made from, or with `candidate` one that was refused.

    `area` None is the county. Raises TraceError when there is no publication or candidate, no such
    indicator, or no such value; PublishError when the published file cannot be read.
    """
    database, stamp = _unpublished(home) if candidate else _published(home)
    area = area or next(a.area for a in contracts.areas if a.kind == COUNTY_KIND)
    with duckdb.connect(str(database), read_only=True) as connection:
        known = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'marts' "
            "and table_name in ('indicator_lineage', 'indicator_formulas')"
        ).fetchone()
        if known != (2,):
            raise TraceError(
                f"{database} was published by an older version that kept no lineage; "
                "run: eco nightly"
            )
        value = _value(connection, indicator, year, area)
        lineage = _records(
            connection,
            "select * from marts.indicator_lineage where indicator_id = ? and year = ? "
            "and area = ? order by received_at, row_number",
            [indicator, year, area],
        )
        target = _target(connection, indicator, year)
    formula = value["formula"]
    printed = formula["formula"]
    if formula["change_of"]:
        printed += f"; {formula['change_of']} = {formula['change_of_formula']}"
    read = fields_of(formula["change_of"] or formula["quantity"])
    deliveries = tuple(_deliveries(home, contracts, lineage))
    parts = ("numerator", "denominator", "computed_value", "reported_value")
    return Trace(
        indicator_id=indicator,
        name_zh=value["name_zh"],
        unit=value["unit"],
        year=year,
        area=area,
        value=value["value"],
        basis=value["basis"],
        is_flagged=value["is_flagged"],
        formula=printed,
        fields=read,
        calculation=_calculation(value, formula, _sum_of_rows(contracts, read, deliveries)),
        parts={name: value[name] for name in parts},
        target=target,
        deliveries=deliveries,
        publication=stamp,
    )


def lines(found: Trace, contracts: Contracts) -> Iterator[str]:
    """Yield the chain in words, line by line."""
    target = found.target
    yield f"{found.indicator_id} {found.name_zh}  {found.year} {found.area}"
    yield f"  数值 value        {number(found.value)} {found.unit}"
    basis = BASIS_ZH[found.basis] + (
        "；所依据的行有待核实（questioned at intake）" if found.is_flagged else ""
    )
    yield f"  依据 basis        {found.basis} {basis}"
    yield f"  公式 formula      {found.formula}"
    yield f"  代入 with numbers {found.calculation}"
    for name, title in (
        ("computed_value", "计算值 computed"),
        ("reported_value", "上报值 reported"),
    ):
        if found.parts[name] is not None and not name.startswith(found.basis):
            yield f"  {title}  {number(found.parts[name])} {found.unit}"
    yield f"  2020基准 baseline {target['baseline_2020_raw'] or '—'}"
    in_force = target["target_in_force"]
    comparator = target["target_comparator"] or ""
    yield (
        f"  2025目标 target   {target['target_2025_raw'] or '—'}"
        + (f"；现行 in force {comparator}{number(in_force)}" if in_force is not None else "")
        + (f"（{target['target_source']}）" if target["target_source"] else "")
    )
    if target["of_year"] and target["of_year"]["status"]:
        of_year = target["of_year"]
        milestone = of_year["milestone_value"]
        yield (
            f"  当年状态 status   {of_year['status']}"
            + (f"；当年里程碑 milestone {number(milestone)}" if milestone is not None else "")
        )
    for delivery in found.deliveries:
        contract = contracts[delivery.dataset]
        sheet = f" / {delivery.sheet}" if delivery.sheet else ""
        yield ""
        yield f"{delivery.dataset_zh} ({delivery.dataset})"
        yield f"  文件 file         {delivery.department_zh}: {delivery.file_name}{sheet}"
        yield f"  报送 submission   {delivery.submission_id}, received {delivery.received_at}"
        yield f"  回执 receipt      {delivery.receipt}"
        yield f"  原件 archived     {delivery.archived}"
        always = {*(f.field for f in contract.key_fields), *REMARKS_ZH, SOURCE_CELLS}
        read = set(found.fields.get(delivery.dataset, ()))
        for row in delivery.rows:
            # A reported ratio is read by no formula: then every value of the row is shown.
            narrow = found.basis == "computed" and read & row.keys()
            cells = {k: v for k, v in row.items() if k in always | read} if narrow else row
            yield f"  第{row['row_number']}行 row {row['row_number']}: " + _cells(contract, cells)
        if delivery.row_count > len(delivery.rows):
            yield (
                f"  …共 {delivery.row_count} 行，第{delivery.first_row}行至第{delivery.last_row}行 "
                f"(all {delivery.row_count} rows, lines {delivery.first_row} to "
                f"{delivery.last_row})"
            )


def _cells(contract: Contract, row: Mapping[str, Any]) -> str:
    cells = []
    places = dict(part.split("=") for part in str(row.get(SOURCE_CELLS, "")).split(";") if part)
    for field in contract.fields:
        if field.field in row:
            value = row[field.field]
            text = number(value) if isinstance(value, float) else str(value)
            unit = f" {field.unit}" if field.unit else ""
            place = f" [{places[field.field]}]" if field.field in places else ""
            cells.append(f"{field.title_zh} {text}{unit}{place}")
    for name, title in REMARKS_ZH.items():
        if row.get(name):
            cells.append(f"{title} {row[name]}")
    return "，".join(cells)
