"""The declarations of what must hold: complete, readable without Great Expectations, and answered
with file and line where they are wrong."""

import csv
import hashlib
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import expectations
from expectations.declarations import (
    HERE,
    KNOWN_SETS,
    SUITES,
    SuiteError,
    load_expectations,
    read_expectations,
    unknown_relation_rules,
)
from expectations.rules import RULES
from sources.contracts import load_contracts

SUITE = """\
suite: sample
title_zh: 样例
fragments:
  small: value < {lower}
tables:
  progress:
    key: [id]
    checks:
      - id: value_given
        description_zh: 数值不得为空
        type: expect_column_values_to_not_be_null
        column: value
      - id: value_not_small
        description_zh: 数值不小于 {lower}
        failing_rows: |
          select id, value from marts.progress where {small}
"""
HEADER = "rule,suite,title_zh,description_zh,severity,lower,upper,unit,reason,decided_on\n"
VALUE_GIVEN = "value_given,,,,critical,,,,a value must be there,2026-11-23\n"
NOT_SMALL = 'value_not_small,,,,verify,0.5,,%,"small, and therefore suspect",2026-11-23\n'
BALANCE = (
    "balance,sample,不平衡,收支相差不超过 {upper}%,notice,,0.5,%,mass is conserved,2026-11-23\n"
)


@pytest.fixture
def write(tmp_path: Path):
    """Writes a suite and a table of rules, and reads them."""

    def write(suite: str = SUITE, rows: str = VALUE_GIVEN + NOT_SMALL, header: str = HEADER):
        (tmp_path / "sample.yml").write_text(suite, encoding="utf-8")
        (tmp_path / "rules.csv").write_text(header + rows, encoding="utf-8")
        return read_expectations(tmp_path, tmp_path / "rules.csv")

    return write


def problems(write, *arguments: str, **named: str) -> str:
    with pytest.raises(SuiteError) as caught:
        write(*arguments, **named)
    assert len(caught.value.problems) == 1, caught.value
    return caught.value.problems[0]


def test_the_catalogue_comes_without_great_expectations() -> None:
    code = (
        "import sys, expectations; found = expectations.catalogue(); "
        "assert found; sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_expectation_stands_in_the_catalogue_once_and_in_chinese() -> None:
    entries = expectations.catalogue()
    ids = [entry.expectation_id for entry in entries]
    assert len(ids) == len(set(ids))
    assert all(re.search(r"[\u4e00-\u9fff]", entry.description_zh) for entry in entries)
    assert not [entry for entry in entries if re.search(r"[{}]", entry.description_zh)]
    assert {entry.suite for entry in entries} == {path.stem for path in SUITES.glob("*.yml")}


def test_the_spine_is_guarded_by_critical_expectations() -> None:
    critical = {entry.table for entry in expectations.catalogue() if entry.severity == "critical"}
    assert critical >= {
        *("indicator_progress", "indicator_values", "indicator_annual"),
        *("submissions", "rejected_rows", "findings"),
    }


def test_no_threshold_is_decided_in_the_future() -> None:
    assert all(e.rule.decided_on <= date.today() for e in load_expectations())


def test_rules_stand_in_the_order_of_the_suites() -> None:
    with RULES.open(encoding="utf-8", newline="") as file:
        listed = [row["rule"] for row in csv.DictReader(file)]
    assert listed == [e.expectation_id for e in load_expectations()], "sort rules.csv alike"


def test_sets_that_have_their_home_elsewhere_are_found_there() -> None:
    known = {name: list(values()) for name, values in KNOWN_SETS.items()}
    assert all(known.values())
    assert "全县" in known["areas"] and len(known["areas"]) == 17
    assert len(known["departments"]) == 11
    assert set(known["datasets"]) == {c.dataset for c in load_contracts()}
    assert {"not_measured", "attained"} <= set(known["indicator_statuses"])
    assert set(known["submission_statuses"]) == {"accepted", "partial", "refused"}


def test_files_of_others_are_the_ones_that_are_listed_with_their_licences() -> None:
    static = HERE / "static"
    text = (static / "LICENSES.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", text, re.MULTILINE))
    files = {path.name for path in static.iterdir()} - {"LICENSES.md", "site.css"}
    assert listed.keys() == files
    for name, digest in listed.items():
        assert hashlib.sha256((static / name).read_bytes()).hexdigest() == digest, name


def test_bounds_fill_arguments_queries_and_descriptions(write) -> None:
    given, small = write()
    assert (given.type, given.column) == ("expect_column_values_to_not_be_null", "value")
    assert small.description_zh == "数值不小于 0.5"
    assert small.failing_rows.strip() == "select id, value from marts.progress where value < 0.5"
    assert (small.severity, small.rule.reason) == ("verify", "small, and therefore suspect")


def test_a_finding_rule_is_one_row_and_its_check_follows(write) -> None:
    *_, balance = write(rows=VALUE_GIVEN + NOT_SMALL + BALANCE)
    assert (balance.suite, balance.suite_zh, balance.table) == ("sample", "样例", "findings")
    assert (balance.expectation_id, balance.key) == ("balance", ("finding_id",))
    assert balance.description_zh == "收支相差不超过 0.5%"
    assert "where rule = 'balance' and state <> 'mended'" in balance.failing_rows
    assert balance.severity == "notice" and balance.declared_at.endswith("rules.csv:4")


def test_a_suite_may_have_finding_rules_alone(write) -> None:
    (only,) = write("suite: sample\ntitle_zh: 样例\n", BALANCE)
    assert only.expectation_id == "balance"


@pytest.mark.parametrize(
    ("suite", "old", "new", "said"),
    [
        (SUITE, ",sample,", ",simple,", "rules.csv:4: balance: there is no suite 'simple'"),
        (SUITE, ",不平衡,", ",,", "rules.csv:4: a finding rule needs suite, title_zh and desc"),
        (
            SUITE.replace("id: value_not_small", "id: balance"),
            ",sample,",
            ",sample,",
            "sample.yml:13: 'balance' is a finding rule",
        ),
    ],
)
def test_a_wrong_finding_rule_is_answered_with_file_and_line(
    write, suite: str, old: str, new: str, said: str
) -> None:
    rows = VALUE_GIVEN + NOT_SMALL + BALANCE.replace(old, new)
    with pytest.raises(SuiteError) as caught:
        write(suite, rows)
    assert any(said in problem for problem in caught.value.problems), caught.value


def test_a_relation_of_no_finding_rule_is_answered_with_file_and_line() -> None:
    contracts = load_contracts()
    rules = {e.expectation_id for e in load_expectations() if e.rule.makes_findings}
    assert list(unknown_relation_rules(contracts, rules)) == []
    (problem,) = unknown_relation_rules(contracts, rules - {"manifest_quantity_differs"})
    path, line, message = problem.split(":", 2)
    declared = Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert declared.strip() == "rule: manifest_quantity_differs"
    assert message.startswith(" received: there is no finding rule 'manifest_quantity_differs'")


def test_a_bound_stays_a_number_in_an_argument(write) -> None:
    suite = SUITE.replace(
        "        column: value\n",
        "        column: value\n        arguments: {min_value: '{lower}', max_value: '{upper}'}\n",
    ).replace("not_be_null", "be_between")
    rows = "value_given,,,,critical,-1,2.5,,a value must be there,2026-11-23\n" + NOT_SMALL
    assert write(suite, rows)[0].arguments == {"min_value": -1, "max_value": 2.5}


def test_an_expectation_without_a_threshold_is_named_with_its_line(write) -> None:
    problem = problems(write, rows=VALUE_GIVEN)
    assert "sample.yml:13" in problem and "'value_not_small' has no row in" in problem


def test_a_threshold_of_no_expectation_is_named_with_its_line(write) -> None:
    problem = problems(write, rows=VALUE_GIVEN + NOT_SMALL + NOT_SMALL.replace("small", "big"))
    assert "rules.csv:4" in problem and "'value_not_big'" in problem


def test_a_bound_that_is_missing_or_unused_is_said(write) -> None:
    missing = problems(write, rows=VALUE_GIVEN + NOT_SMALL.replace("0.5", ""))
    assert "sample.yml:13" in missing and "nothing fills ['lower']" in missing
    rows = VALUE_GIVEN.replace("critical,,,,", "critical,,9,,") + NOT_SMALL
    unused = problems(write, rows=rows)
    assert "sample.yml:9" in unused and "['upper'] in rules.csv is used nowhere" in unused


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("severity", "level", "rules.csv:1: the columns must be rule,suite"),
        (",verify,", ",urgent,", "rules.csv:3: severity"),
        ("0.5", "much", "rules.csv:3: lower"),
        ('"small, and therefore suspect"', "", "rules.csv:3: reason"),
        ('",2026', '",well,2026', "rules.csv:3: 11 cells instead of 10"),
        (NOT_SMALL, NOT_SMALL * 2, "rules.csv:4: 'value_not_small' stands here twice"),
        ("2026-11-23\n", "23/11/2026\n", "rules.csv:3: decided_on"),
    ],
)
def test_a_wrong_threshold_is_answered_with_file_and_line(
    write, old: str, new: str, said: str
) -> None:
    rows = VALUE_GIVEN + NOT_SMALL.replace(old, new)
    assert said in problems(write, rows=rows, header=HEADER.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    key: [id]\n", "", "sample.yml:7: tables.progress.key"),
        ("type: expect", "typ: expect", "sample.yml:9: tables.progress.checks.0.typ"),
        ("type: expect_", "type: ", "sample.yml:9: tables.progress.checks.0.type"),
        ("        type: expect_column_values_to_not_be_null\n", "", "sample.yml:9"),
        ("column: value\n", "column: value\n        column: v\n", "13: not valid YAML: 'column'"),
        ("fragments:", "fragments: [", "not valid YAML"),
        ("{small}", "{tiny}", "sample.yml:13: value_not_small: nothing fills ['tiny']"),
        ("suite: sample", "suite: other", "sample.yml:1: the file of suite 'other'"),
        ("id: value_not_small", "id: value_given", "sample.yml:13: the id 'value_given' is taken"),
        (
            "        column: value\n",
            "        column: value\n        arguments: {value_set: {known: towns}}\n",
            "{known: one of ['areas'",
        ),
    ],
)
def test_a_wrong_suite_is_answered_with_file_and_line(write, old: str, new: str, said: str) -> None:
    with pytest.raises(SuiteError) as caught:
        write(SUITE.replace(old, new, 1))
    assert any(said in problem for problem in caught.value.problems), caught.value


def test_a_folder_without_suites_is_said(tmp_path: Path) -> None:
    (tmp_path / "rules.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(SuiteError, match="no suite"):
        read_expectations(tmp_path, tmp_path / "rules.csv")


def test_a_rule_may_hold_submissions_where_its_rows_name_them(write) -> None:
    header = HEADER.replace("decided_on", "decided_on,blocks")
    given = VALUE_GIVEN.replace("\n", ",publication\n")
    small = NOT_SMALL.replace("verify", "critical").replace("\n", ",submissions\n")
    found = write(rows=given + small, header=header)
    assert [e.holds_submissions for e in found] == [False, True]
    verify = small.replace("critical", "verify")
    assert write(rows=given + verify, header=header)[1].holds_submissions
    typed = given.replace("publication", "submissions")
    said = problems(write, rows=typed + small, header=header)
    assert "'value_given' blocks submissions" in said
    assert "needs `failing_rows`" in said
    wrong = given.replace("publication", "everything")
    assert "blocks" in problems(write, rows=wrong + small, header=header)
