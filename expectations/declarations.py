"""Reads and validates the declared checks: the suites (`suites/*.yml`) and the table of rules.

A suite declares checks of the marts; severity and bounds of each are its row of the table. The
checks of finding rules are not declared: they follow from the rows of the table (`rules`), one for
each rule, in the suite that the row names.

Nothing of Great Expectations is loaded here: Dagster needs the catalogue whenever its definitions
load. `engine` makes expectations of Great Expectations from what is declared.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from expectations.rules import NAME, RULES, Rule, Severity, read_rules
from sources.contracts.yaml_file import YamlFile

if TYPE_CHECKING:
    from sources.contracts import Contracts

HERE = Path(__file__).parent
SUITES = HERE / "suites"
_STATUSES = RULES.parent / "statuses.csv"
# The open findings of a rule: an explanation settles a finding, unless its rule is critical.
_FINDINGS_TABLE, _FINDINGS_KEY = "findings", ("finding_id",)
_OPEN_FINDINGS = """\
select {submission}finding_id, department_zh, subject, expected, observed, detail_zh, first_seen
from marts.findings
where rule = '{rule}' and state <> 'mended' and (explanation is null or severity = 'critical')"""
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


def _contracts() -> "Contracts":
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


def _indicators_of(plan: str) -> int:
    from sources.contracts.loader import plan_table

    return sum(row["plan"] == plan for _, row in plan_table("indicators").rows)


# Numbers of the plan in force, by the names that stand for them in braces.
PLAN_NUMBERS: Mapping[str, Callable[[], int]] = {
    "plan_a_indicators": lambda: _indicators_of("A"),
    "plan_b_indicators": lambda: _indicators_of("B"),
}


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(_Declared):
    """An entry under `checks:` of a suite file."""

    id: str = Field(pattern=NAME)
    description_zh: str = Field(min_length=1)
    type: str | None = Field(default=None, pattern=r"^expect_[a-z0-9_]+$")
    column: str | None = None
    arguments: dict[str, Any] = {}
    failing_rows: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "Check":
        if (self.type is None) == (self.failing_rows is None):
            raise ValueError("give one of `type` and `failing_rows`")
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
    """A file of `suites/`; `fragments` are pieces of SQL that its queries share.

    A suite without tables has the checks of its finding rules alone.
    """

    suite: str = Field(pattern=NAME)
    title_zh: str = Field(min_length=1)
    fragments: dict[str, str] = {}
    tables: dict[str, Table] = {}


@dataclass(frozen=True)
class Expectation:
    """A check with the bounds of its rule filled in.

    Either `type`, `column` and `arguments` name an expectation of Great Expectations, or
    `failing_rows` is a query that gives the rows that break the rule. `declared_at` is file:line.
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
    rule: Rule
    declared_at: str

    @property
    def severity(self) -> Severity:
        """How strictly it is meant; critical: what fails it must not be published."""
        return self.rule.severity

    @property
    def holds_submissions(self) -> bool:
        """Whether its failure sets submissions aside, and not the whole publication."""
        return self.rule.holds_submissions


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
    """Return an argument filled in: "{lower}" alone is the number, within a text its digits."""
    if not isinstance(value, str):
        return value
    alone = _PLACEHOLDER.fullmatch(value)
    return bounds.get(alone[1], value) if alone else _text(bounds, value)


def _used_names(suite: Suite, check: Check) -> set[str]:
    """Return the names in braces of a check and of the fragments that it uses."""
    written = [v for v in check.arguments.values() if isinstance(v, str)]
    written.append(check.failing_rows or "")
    used = {name for text in written for name in _PLACEHOLDER.findall(text)}
    for name in used & suite.fragments.keys():
        used = used | set(_PLACEHOLDER.findall(suite.fragments[name]))
    return used


def _of_check(
    at: str, suite: Suite, table: str, check: Check, rule: Rule, problems: list[str]
) -> Expectation:
    """Return the expectation that a check of a suite, declared `at` file and line, makes."""
    used = _used_names(suite, check)
    of_plan = {name: number() for name, number in PLAN_NUMBERS.items() if name in used}
    bounds = {**rule.bounds, **of_plan}
    fragments = {name: _text(bounds, text) for name, text in suite.fragments.items()}
    if unknown := used - fragments.keys() - bounds.keys():
        problems.append(
            f"{at}: {check.id}: nothing fills {sorted(unknown)}; its row in {RULES.name} gives "
            f"{sorted(bounds)}, the suite has the fragments {sorted(fragments)}"
        )
    if unused := bounds.keys() - used:
        problems.append(f"{at}: {check.id}: {sorted(unused)} in {RULES.name} is used nowhere")
    failing_rows = check.failing_rows and _text({**fragments, **bounds}, check.failing_rows.strip())
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
        failing_rows=failing_rows,
        rule=rule,
        declared_at=at,
    )


def _of_finding_rule(at: str, suite: Suite, rule: Rule) -> Expectation:
    """Return the expectation that a finding rule has no open findings."""
    return Expectation(
        suite=suite.suite,
        suite_zh=suite.title_zh,
        table=_FINDINGS_TABLE,
        key=_FINDINGS_KEY,
        expectation_id=rule.rule,
        description_zh=_text(rule.bounds, rule.description_zh or ""),
        type=None,
        column=None,
        arguments={},
        failing_rows=_OPEN_FINDINGS.format(
            rule=rule.rule, submission="submission_id, " if rule.holds_submissions else ""
        ),
        rule=rule,
        declared_at=at,
    )


def _declared_checks(file: YamlFile, suite: Suite) -> Iterator[tuple[str, str, Check]]:
    """Yield file and line, table and check of each check that a suite declares."""
    for name, table in suite.tables.items():
        for i, check in enumerate(table.checks):
            yield f"{file.path}:{file.mapping_line(('tables', name, 'checks', i))}", name, check


def _of_suite(
    file: YamlFile, suite: Suite, rules: Mapping[str, Rule], table: Path, problems: list[str]
) -> Iterator[Expectation]:
    """Yield the expectations of a suite: of its checks, then of its finding rules."""
    for at, mart, check in _declared_checks(file, suite):
        rule = rules.get(check.id)
        if rule is None:
            problems.append(
                f"{at}: '{check.id}' has no row in {table}: add severity, reason and date"
            )
        elif rule.makes_findings:
            problems.append(
                f"{at}: '{check.id}' is a finding rule; its row in {table} is its check"
            )
        elif rule.holds_submissions and check.failing_rows is None:
            problems.append(
                f"{at}: '{check.id}' blocks submissions in {table}: it needs `failing_rows` that "
                "name them (submission_id) or their indicator (indicator_id, year, area)"
            )
        else:
            yield _of_check(at, suite, mart, check, rule, problems)
    for rule in rules.values():
        if rule.suite == suite.suite:
            yield _of_finding_rule(f"{table}:{rule.line}", suite, rule)


def _unused_rules(
    rules: Mapping[str, Rule], used: Iterable[str], suites: Iterable[Suite], table: Path
) -> Iterator[str]:
    names = {suite.suite for suite in suites}
    for rule in rules.values():
        if rule.suite and rule.suite not in names:
            yield f"{table}:{rule.line}: {rule.rule}: there is no suite '{rule.suite}'"
        elif rule.rule not in used:
            yield f"{table}:{rule.line}: no suite declares '{rule.rule}'"


def read_expectations(suites: Path, rules: Path) -> tuple[Expectation, ...]:
    """Read the suites of a folder and the table of rules.

    Expectations come suite by suite: its checks as declared, then its finding rules in the order
    of the table. Raises SuiteError with every problem found, each with file and line.
    """
    problems: list[str] = []
    known = read_rules(rules, problems)
    if problems:
        raise SuiteError(problems)
    files = [_read_suite(path, problems) for path in sorted(suites.glob("*.yml"))]
    if not files:
        problems.append(f"{suites}: no suite (*.yml) is here")
    read = [(file, suite) for file, suite in files if suite is not None]
    expectations: dict[str, Expectation] = {}
    for file, suite in read:
        for expectation in _of_suite(file, suite, known, rules, problems):
            name = expectation.expectation_id
            if name in expectations:
                problems.append(f"{expectation.declared_at}: the id '{name}' is taken already")
            expectations.setdefault(name, expectation)
    if not problems:
        problems += _unused_rules(known, expectations, [suite for _, suite in read], rules)
    if problems:
        raise SuiteError(problems)
    return tuple(expectations.values())


def unknown_relation_rules(contracts: "Contracts", rules: Iterable[str]) -> Iterator[str]:
    """Yield the relations of contracts that name no finding rule, each with file and line."""
    from sources.contracts.loader import HERE as folder

    known = set(rules)
    for contract in contracts:
        for i, relation in enumerate(contract.checks.relations):
            if relation.rule not in known:
                file = YamlFile(folder / "datasets" / f"{contract.dataset}.yml")
                line = file.line(("checks", "relations", i, "rule"))
                yield (
                    f"{file.path}:{line}: {relation.id}: there is no finding rule "
                    f"'{relation.rule}' in {RULES}; it has {sorted(known)}"
                )


def load_expectations() -> tuple[Expectation, ...]:
    """Return the product's expectations, read once a process and plan. Raises SuiteError."""
    from sources.contracts import plan_in_force

    plan = plan_in_force()
    return _read_once(plan.digest if plan else None)


@cache
def _read_once(plan_digest: str | None) -> tuple[Expectation, ...]:
    expectations = read_expectations(SUITES, RULES)
    finding_rules = [e.expectation_id for e in expectations if e.rule.makes_findings]
    if problems := list(unknown_relation_rules(_contracts(), finding_rules)):
        raise SuiteError(problems)
    return expectations


def catalogue() -> list[CatalogueEntry]:
    """Return every expectation with its severity, without loading Great Expectations.

    Raises SuiteError when a suite or the table of rules cannot be used.
    """
    return [
        CatalogueEntry(e.suite, e.table, e.expectation_id, e.severity, e.description_zh)
        for e in load_expectations()
    ]


def with_known_sets(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments with each `{known: ...}` replaced by the values of that set."""
    return {
        name: list(KNOWN_SETS[value["known"]]()) if isinstance(value, dict) else value
        for name, value in arguments.items()
    }
