"""Held submissions: which a failing check follows from, what is on record, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from expectations.checkpoint import CheckResult
from expectations.declarations import load_expectations
from orchestration.portal.content import Content
from orchestration.release import holding
from orchestration.release.holding import HoldingError
from orchestration.release.refusal import explain
from sources.contracts import load_contracts
from tests.unit.test_lake import MOMENT, query, rows, submit
from warehouse.care import backup, restore, verify
from warehouse.care.store import Store
from warehouse.home import clock
from warehouse.home.layout import Home
from warehouse.lake import holds
from warehouse.lake.submissions import LakeError
from warehouse.output.causes import Cause, counted_submissions, find_causes
from warehouse.publication.candidate import Candidate
from warehouse.publication.manifest import PublicationManifest

CONTRACTS = load_contracts()
IN_RANGE = next(
    e for e in load_expectations() if e.expectation_id == "percent_shares_in_range"
).failing_rows


@pytest.fixture
def marts(tmp_path: Path) -> Path:
    """B16 of 154 % made of two townships' files, and a good B13 of one of them."""
    path = tmp_path / "eco.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.indicator_progress as from (values
                ('B16', '治理率', '%', 2024, 154.0, 90.0), ('B13', '处理率', '%', 2024, 95.0, 99.0)
            ) as t (indicator_id, name_zh, unit, latest_year, latest_value, target_in_force);
            create table marts.indicator_lineage as from (values
                ('B16', 2024, '全县', 's1', 2, 2), ('B16', 2024, '全县', 's2', 5, 9),
                ('B16', 2023, '全县', 's3', 2, 2), ('B13', 2024, '全县', 's1', 3, 3)
            ) as t (indicator_id, year, area, submission_id, row_number, last_row);
            create table marts.submissions as from (values
                ('s1', 'ecology', 'a.csv', '', false), ('s2', 'ecology', 'b.xlsx', '表1', false),
                ('s3', 'ecology', 'c.csv', '', true)
            ) as t (submission_id, department, file_name, sheet, is_held);
            create table marts.findings as from (values
                ('s2', 'verify', 'water_part_exceeds_whole', 'new'),
                ('s1', 'notice', 'value_revised', 'new'), ('s1', 'verify', 'series_jump', 'mended')
            ) as t (submission_id, severity, rule, state);
            """
        )
    return path


def causes(marts: Path, query: str | None) -> list[Cause]:
    with duckdb.connect(str(marts), read_only=True) as connection:
        return find_causes(connection, query or "", CONTRACTS)


def test_a_failing_indicator_leads_to_the_rows_that_it_was_made_of(marts: Path) -> None:
    [cause] = causes(marts, IN_RANGE)
    assert cause.subject_zh == "B16 治理率 2024年全县为 154 %"
    assert [(s.submission_id, s.lines_zh, s.questioned) for s in cause.sources] == [
        ("s1", "第2行", False),
        ("s2", "第5至9行", True),
    ]
    ecology = CONTRACTS.departments["ecology"].name_zh
    assert cause.text_zh == (
        f"B16 治理率 2024年全县为 154 %，来自{ecology}“a.csv”第2行、{ecology}“b.xlsx” / 表1第5至9行"
    )
    assert cause.command == "eco trace B16 --year 2024 --candidate"


def test_a_failing_target_leads_to_the_line_of_its_document(marts: Path) -> None:
    columns = "9000.0 as target_in_force, 's3' as target_submission_id, 7 as target_row_number"
    with duckdb.connect(str(marts)) as connection:
        connection.execute(
            "create or replace table marts.indicator_progress as "
            f"select * exclude target_in_force, {columns}, 'assigned' as target_source "
            "from marts.indicator_progress where indicator_id = 'B16'"
        )
    target = next(e for e in load_expectations() if e.expectation_id == "percent_targets_in_range")
    [cause] = causes(marts, target.failing_rows)
    assert target.holds_submissions
    assert cause.text_zh.startswith("B16 治理率的现行目标为 9000 %，来自")
    assert [(s.submission_id, s.lines_zh) for s in cause.sources] == [("s3", "第7行")]


def test_a_failing_row_may_name_its_submission_or_nothing(marts: Path) -> None:
    [named] = causes(marts, "select 's1' as submission_id, 3 as rows_read")
    assert [s.file_name for s in named.sources] == ["a.csv"]
    assert named.subject_zh == "submission_id=s1, rows_read=3"
    [unknown] = causes(marts, "select 'B' as plan, 25 as indicators")
    assert (unknown.sources, unknown.command) == ((), None)
    assert causes(marts, "select 1 as a where false") == []


def test_a_refusal_names_value_file_row_department_and_the_next_command(marts: Path) -> None:
    manifest = PublicationManifest("s", "2026-01-01T00:00:00+00:00", "1.0.0")
    candidate = Candidate("s", marts, manifest)
    name, said = "percent_shares_in_range", "最新值在 0 至 100 之间"
    failed = CheckResult(
        *("publication", "indicator_progress", name, "expect_no_failing_rows", None),
        *("critical", False, 1, [], said, None),
    )
    ecology = CONTRACTS.departments["ecology"].name_zh
    assert explain(candidate, failed, CONTRACTS) == [
        f"最新值在 0 至 100 之间：B16 治理率 2024年全县为 154 %，来自{ecology}“a.csv”第2行、"
        f"{ecology}“b.xlsx” / 表1第5至9行；查看：eco trace B16 --year 2024 --candidate"
    ]
    broken = replace(failed, exception="there is no table")
    assert explain(candidate, broken, CONTRACTS) == ["there is no table"]
    row = {"indicator_id": "A02", "year": 2205}
    typed = replace(failed, expectation_id="indicator_values_year_sane", failing_rows=[row])
    assert explain(candidate, typed, CONTRACTS) == [f"{said}：indicator_id=A02, year=2205"]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (set(), ["s2"]),  # of two new ones that which a finding speaks of
        ({"s2"}, ["s1"]),  # only what is new can be why
        ({"s1"}, ["s2"]),
        ({"s1", "s2"}, []),  # nothing is new: the software or a rule is, and the whole is refused
    ],
)
def test_what_is_new_in_a_failing_value_is_held(
    marts: Path, known: set[str], expected: list[str]
) -> None:
    [cause] = causes(marts, IN_RANGE)
    assert [s.submission_id for s in holding._suspects(cause, known)] == expected


def test_what_is_held_does_not_count_as_known(marts: Path) -> None:
    assert counted_submissions(marts) == {"s1", "s2"}


def test_structure_and_keys_refuse_the_whole_and_values_of_indicators_do_not() -> None:
    blocks = {e.expectation_id: e.rule.blocks for e in load_expectations()}
    assert blocks["percent_shares_in_range"] == blocks["amounts_not_negative"] == "submissions"
    for name in ("indicator_progress_id_unique", "submissions_rows_conserved"):
        assert blocks[name] == "publication"
    assert blocks["published_values_kept"] == "publication"
    assert blocks["series_jump"] is None
    rule = next(e.rule for e in load_expectations() if e.expectation_id == "waste_balance")
    promoted = rule.model_copy(update={"severity": "critical"})
    assert not promoted.holds_submissions, "where nothing is said, the whole is refused"
    assert promoted.model_copy(update={"blocks": "submissions"}).holds_submissions


def test_decisions_are_kept_and_the_last_before_a_moment_counts(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for hour, action in ((1, "hold"), (2, "release"), (3, "hold")):
        moment = start + timedelta(hours=hour)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        decided = holds.new_decision("s1", action, by="li", reason=f"{hour}")  # type: ignore[arg-type]
        holds.record(empty_home, decided)
    held = {
        hour: [d.reason for d in holds.held(empty_home, start + timedelta(hours=hour)).values()]
        for hour in range(4)
    }
    assert held == {0: [], 1: ["1"], 2: [], 3: ["3"]}
    assert [d.action for d in holds.decisions(empty_home)] == ["hold", "release", "hold"]
    next(empty_home.holds.glob("*.json")).write_text("{}", encoding="utf-8")
    with pytest.raises(LakeError, match="not the record of a decision"):
        holds.held(empty_home)


def test_a_person_holds_and_releases_with_a_note_to_the_department(empty_home: Home) -> None:
    submission = submit(empty_home, "a", rows((2020, 1.0)))
    ask = {"reason": "核对中", "by": "li"}
    with pytest.raises(HoldingError, match="no submission nothing"):
        holding.decide(empty_home, CONTRACTS, "nothing", "hold", **ask)
    with pytest.raises(HoldingError, match="is not held"):
        holding.decide(empty_home, CONTRACTS, submission.submission_id, "release", **ask)
    holding.decide(empty_home, CONTRACTS, submission.submission_id[:6], "hold", **ask)
    assert holds.held(empty_home)[submission.submission_id].by == "li"
    [note] = empty_home.receipts(submission.department).glob("*.暂缓采用.*")
    assert "原因：核对中" in note.read_text("utf-8")
    [shown] = Content(empty_home, CONTRACTS).receipts(submission.department)
    assert (shown.status, shown.status_zh, shown.note) == ("held", "暂缓采用", note.name)
    with pytest.raises(HoldingError, match="held already: 核对中"):
        holding.decide(empty_home, CONTRACTS, submission.submission_id, "hold", **ask)
    holding.decide(empty_home, CONTRACTS, submission.submission_id, "release", **ask)
    assert holds.held(empty_home) == {}
    assert "已恢复采用" in note.read_text("utf-8")
    [shown] = Content(empty_home, CONTRACTS).receipts(submission.department)
    assert (shown.status, shown.note) == ("accepted", None)


def test_a_build_leaves_out_what_is_held_at_its_moment(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    minute = timedelta(minutes=1)
    submit(empty_home, "good", rows((2020, 1.0)))
    bad = submit(empty_home, "bad", rows((2020, 9.0), (2021, 9.0)), received=MOMENT + minute)
    monkeypatch.setattr(clock, "now", lambda: MOMENT + 2 * minute)
    decided = holds.new_decision(bad.submission_id, "hold", by="load", reason="too much")
    holds.record(empty_home, decided)
    submit(empty_home, "mended", rows((2021, 2.0)), received=MOMENT + 3 * minute)
    values = "select year, fertiliser from lake.agricultural_inputs order by all"
    waiting = "select submission_id, reason, rows_waiting from intake.holds"
    moments = {number: MOMENT + number * minute for number in (1, 2, 3)}
    assert {n: query(empty_home, CONTRACTS, values, m) for n, m in moments.items()} == {
        1: [(2020, 1.0), (2020, 9.0), (2021, 9.0)],
        2: [(2020, 1.0)],
        3: [(2020, 1.0), (2021, 2.0)],
    }
    assert {n: query(empty_home, CONTRACTS, waiting, m) for n, m in moments.items()} == {
        1: [],
        2: [(bad.submission_id, "too much", 2)],
        3: [(bad.submission_id, "too much", 1)],
    }
    counted = query(empty_home, CONTRACTS, "select count(*) from intake.submissions")
    assert counted == [(3,)], "a held one is listed all the same"


def test_decisions_are_backed_up_verified_and_repaired(empty_home: Home, tmp_path: Path) -> None:
    submission = submit(empty_home, "a", rows((2020, 1.0)))
    holds.record(
        empty_home, holds.new_decision(submission.submission_id, "hold", by="li", reason="x")
    )
    [path] = empty_home.holds.glob("*.json")
    whole, relative = path.read_bytes(), path.relative_to(empty_home.root).as_posix()
    store = Store(tmp_path / "backups")
    backup.take(empty_home, store, software_version="test", publications=False)
    path.write_text("{}", encoding="utf-8")
    problems = [p.path for p in verify.verify(empty_home, full=False).problems]
    assert relative in problems
    for damage in ("{}", None):
        path.write_text(damage, encoding="utf-8") if damage else path.unlink()
        restored, _ = restore.repair(empty_home, store)
        assert relative in restored
        assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("published", "released", "expected"),
    [
        (set(), set(), {"s2"}),
        ({"s1", "s2"}, set(), set()),
        (set(), {"s1", "s2"}, set()),
        ({"s1"}, {"s2"}, set()),
    ],
)
def test_a_check_to_be_verified_holds_what_was_neither_published_nor_released(
    marts: Path,
    empty_home: Home,
    monkeypatch: pytest.MonkeyPatch,
    published: set[str],
    released: set[str],
    expected: set[str],
) -> None:
    checks = {e.expectation_id: e for e in load_expectations()}
    verify = checks["county_shares_in_range"]
    [cause] = causes(marts, IN_RANGE)
    failures = [(verify, cause)]
    monkeypatch.setattr(holding, "failing_values", lambda *_: failures)
    monkeypatch.setattr(holding.history, "build_moment", lambda _: MOMENT)
    monkeypatch.setattr(holding.history, "build_visible_data", lambda _: "")
    monkeypatch.setattr(holding.history, "predecessor", lambda *_: marts)
    monkeypatch.setattr(holding, "counted_submissions", lambda _: published)
    for identity in released:
        decision = holds.new_decision(identity, "release", by="data team", reason="verified")
        holds.record(empty_home, decision)
    assert holding.submissions_to_hold(empty_home, marts, CONTRACTS, by="run").keys() == expected
    # A critical check refuses the whole where nothing is new, and holds what is released in vain.
    failures[:] = [(checks["percent_shares_in_range"], cause)]
    held = holding.submissions_to_hold(empty_home, marts, CONTRACTS, by="run").keys()
    assert bool(held) == (published != {"s1", "s2"})
