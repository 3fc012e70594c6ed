"""Reads and validates what is to hold: the suites (`suites/*.yml`) and the table of thresholds,
which dbt reads too (seed `thresholds`): what makes a finding and fails a check is one number.

Nothing of Great Expectations is loaded here: Dagster needs the catalogue whenever its definitions
load. What a declaration becomes in Great Expectations is `engine`'s business.
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sources.contracts.yaml_file import YamlFile, validation_problems

# 强制性: its failure blocks the publication; 核实性: to be looked at or explained; 提示性: to know.
Severity = Literal["critical", "verify", "notice"]

HERE = Path(__file__).parent
SUITES = HERE / "suites"
_CODES = HERE.parent / "dbt_project" / "seeds" / "codes"
THRESHOLDS = _CODES / "thresholds.csv"
_STATUSES = _CODES / "statuses.csv"
# The rows of a rule of findings that are still to be cleared up: an explanation clears up what asks
# for one, but never what is critical.
_FINDINGS = """\
select finding_id, department_zh, subject, expected, observed, detail_zh, first_seen
from marts.findings
where rule = '{rule}' and state <> 'mended' and (explanation is null or severity = 'critical')"""
_NAME = r"^[a-z][a-z0-9_]*$"
_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


class SuiteError(ValueError):
    """Declarations that cannot be used: one line a problem, each with file and line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the expectations have errors:\n" + "\n".join(f"  {p}" for p in problems))
        self.problems = problems


class CatalogueEntry(NamedTuple):
    """One expectation, as far as it is known without running it."""

    suite: str
    table: str
    expectation_id: str
    severity: Severity
    description_zh: str


def _contracts() -> Any:
    from sources.contracts import load_contracts

    return load_contracts()


def _submission_statuses() -> Iterable[str]:
    from warehouse.lake.submissions import Status

    return get_args(Status)


def _indicator_statuses() -> Iterable[str]:
    with _STATUSES.open(encoding="utf-8", newline="") as file:
        return [row["status"] for row in csv.DictReader(file)]


# Sets of values that have their home elsewhere; a suite says `value_set: {known: areas}`.
KNOWN_SETS: Mapping[str, Callable[[], Iterable[str]]] = {
    "areas": lambda: _contracts().areas.names,
    "datasets": lambda: _contracts().datasets,
    "departments": lambda: _contracts().departments,
    "indicator_statuses": _indicator_statuses,
    "submission_statuses": _submission_statuses,
}


def _number(text: str | None) -> int | float | None:
    """A cell as a number; a whole number stays one, because texts print it."""
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        raise ValueError("write a number, or nothing") from None
    if not math.isfinite(number):
        raise ValueError("write a finite number, or nothing")
    return number


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(_Declared):
    """An entry under `checks:` of a suite file."""

    id: str = Field(pattern=_NAME)
    description_zh: str = Field(min_length=1)
    type: str | None = Field(default=None, pattern=r"^expect_[a-z0-9_]+$")
    column: str | None = None
    arguments: dict[str, Any] = {}
    failing_rows: str | None = None
    findings: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> "Check":
        forms = [self.type, self.failing_rows, self.findings]
        if sum(form is not None for form in forms) != 1:
            raise ValueError("give one of `type`, `failing_rows` and `findings`")
        if self.type is None and (self.arguments or self.column):
            raise ValueError("`column` and `arguments` go with `type` only")
        for name, value in self.arguments.items():
            if isinstance(value, dict) and value.get("known") not in KNOWN_SETS:
                raise ValueError(f"{name}: write {{known: one of {sorted(KNOWN_SETS)}}}")
        return self


class Table(_Declared):
    """A table of schema marts and what is expected of it; `key` are the columns that name a row."""

    key: list[str] = Field(min_length=1)
    checks: list[Check] = Field(min_length=1)


class Suite(_Declared):
    """A file of `suites/`; `fragments` are pieces of SQL that its queries share."""

    suite: str = Field(pattern=_NAME)
    title_zh: str = Field(min_length=1)
    fragments: dict[str, str] = {}
    tables: dict[str, Table] = Field(min_length=1)


class Threshold(_Declared):
    """A row of the table of thresholds: how strictly an expectation is meant, and why."""

    expectation_id: str
    severity: Severity
    lower: Annotated[Any, BeforeValidator(_number)]
    upper: Annotated[Any, BeforeValidator(_number)]
    unit: str | None
    reason: str = Field(min_length=10)
    decided_on: date
    line: int

    @property
    def bounds(self) -> dict[str, int | float]:
        """What fills {lower} and {upper}."""
        given = {"lower": self.lower, "upper": self.upper}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class Expectation:
    """A check with its threshold filled in.

    Either `type`, `column` and `arguments` name an expectation of Great Expectations, or
    `failing_rows` is a query that gives the rows that break the rule.
    """

    suite: str
    suite_zh: str
    table: str
    key: tuple[str, ...]
    expectation_id: str
    description_zh: str
    type: str | None
    column: str | None
    arguments: Mapping[str, Any]
    failing_rows: str | None
    threshold: Threshold
    declared_at: str

    @property
    def severity(self) -> Severity:
        """How strictly it is meant; critical: its failure blocks the publication."""
        return self.threshold.severity


def _read_thresholds(path: Path, problems: list[str]) -> dict[str, Threshold]:
    columns = [name for name in Threshold.model_fields if name != "line"]
    found: dict[str, Threshold] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        if next(rows, []) != columns:
            problems.append(f"{path}:1: the columns must be {','.join(columns)}")
            return found
        for cells in rows:
            line = rows.line_num
            if len(cells) != len(columns):
                problems.append(
                    f"{path}:{line}: {len(cells)} cells instead of {len(columns)}; a text with "
                    "commas goes between double quotes"
                )
                continue
            row = {name: cell or None for name, cell in zip(columns, cells, strict=True)}
            try:
                threshold = Threshold.model_validate({**row, "line": line})
            except ValidationError as error:
                problems += [f"{path}:{line}: {text}" for _, text in validation_problems(error)]
                continue
            if threshold.expectation_id in found:
                problems.append(f"{path}:{line}: '{threshold.expectation_id}' stands here twice")
            found[threshold.expectation_id] = threshold
    return found


def _read_suite(path: Path, problems: list[str]) -> tuple[YamlFile, Suite | None]:
    file = YamlFile(path)
    suite = None if file.problems else file.parse(Suite, file.data, mapping_lines=True)
    if suite is not None and suite.suite != path.stem:
        file.problems.append(f"{path}:1: the file of suite '{suite.suite}' must be its name + .yml")
    problems += file.problems
    return file, suite


def _text(values: Mapping[str, Any], text: str) -> str:
    return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), text)


def _argument(bounds: Mapping[str, Any], value: Any) -> Any:
    """An argument filled in: "{lower}" alone is the number, within a text it is its digits."""
    if not isinstance(value, str):
        return value
    alone = _PLACEHOLDER.fullmatch(value)
    return bounds.get(alone[1], value) if alone else _text(bounds, value)


def _bind(
    at: str, suite: Suite, table: str, check: Check, threshold: Threshold, problems: list[str]
) -> Expectation:
    """Return the expectation that a check, declared `at` file and line, and its threshold make."""
    bounds = threshold.bounds
    fragments = {name: _text(bounds, text) for name, text in suite.fragments.items()}
    written = [v for v in check.arguments.values() if isinstance(v, str)]
    written += [check.failing_rows or ""]
    used = {name for text in written for name in _PLACEHOLDER.findall(text)}
    for name in used & suite.fragments.keys():
        used = used | set(_PLACEHOLDER.findall(suite.fragments[name]))
    if unknown := used - fragments.keys() - bounds.keys():
        problems.append(
            f"{at}: {check.id}: nothing fills {sorted(unknown)}; its row in thresholds.csv gives "
            f"{sorted(bounds)}, the suite has the fragments {sorted(fragments)}"
        )
    # Of a rule of findings the bounds are used by dbt.
    if not check.findings and (unused := bounds.keys() - used):
        problems.append(f"{at}: {check.id}: {sorted(unused)} in thresholds.csv is used nowhere")
    return Expectation(
        suite=suite.suite,
        suite_zh=suite.title_zh,
        table=table,
        key=tuple(suite.tables[table].key),
        expectation_id=check.id,
        description_zh=_text(bounds, check.description_zh),
        type=check.type,
        column=check.column,
        arguments={name: _argument(bounds, value) for name, value in check.arguments.items()},
        failing_rows=_FINDINGS.format(rule=check.id)
        if check.findings
        else check.failing_rows and _text({**fragments, **bounds}, check.failing_rows.strip()),
        threshold=threshold,
        declared_at=at,
    )


def read_expectations(suites: Path, thresholds: Path) -> tuple[Expectation, ...]:
    """Read the suites of a folder and their thresholds; expectations in the order declared.

    Raises SuiteError with every problem found, each with file and line.
    """
    problems: list[str] = []
    known = _read_thresholds(thresholds, problems)
    unread = bool(problems)
    files = [_read_suite(path, problems) for path in sorted(suites.glob("*.yml"))]
    if not files:
        problems.append(f"{suites}: no suite (*.yml) is here")
    checks = [
        (f"{file.path}:{file.mapping_line(('tables', name, 'checks', i))}", suite, name, check)
        for file, suite in files
        if suite is not None
        for name, table in suite.tables.items()
        for i, check in enumerate(table.checks)
    ]
    expectations: dict[str, Expectation] = {}
    for at, suite, table_name, check in checks:
        if check.id in expectations:
            problems.append(f"{at}: the id '{check.id}' is taken already")
        elif check.id not in known:
            if not unread:
                problems.append(
                    f"{at}: '{check.id}' has no row in {thresholds}: add severity, reason and date"
                )
        else:
            expectations[check.id] = _bind(at, suite, table_name, check, known[check.id], problems)
    if not problems:
        problems += [
            f"{thresholds}:{threshold.line}: no suite declares '{name}'"
            for name, threshold in known.items()
            if name not in expectations
        ]
    if problems:
        raise SuiteError(problems)
    return tuple(expectations.values())


@cache
def load_expectations() -> tuple[Expectation, ...]:
    """The product's expectations, read once a process. Raises SuiteError."""
    return read_expectations(SUITES, THRESHOLDS)


def catalogue() -> list[CatalogueEntry]:
    """Every expectation with its severity, without loading Great Expectations.

    Raises SuiteError when a suite or the thresholds cannot be used.
    """
    return [
        CatalogueEntry(e.suite, e.table, e.expectation_id, e.severity, e.description_zh)
        for e in load_expectations()
    ]


def with_known_sets(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with each `{known: ...}` replaced by the values of that set."""
    return {
        name: list(KNOWN_SETS[value["known"]]()) if isinstance(value, dict) else value
        for name, value in arguments.items()
    }
