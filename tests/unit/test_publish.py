"""Publication: content of a candidate, replacing the file under readers, completion afterwards."""

import json
import os
import random
import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from orchestration.cli import eco
from orchestration.monitoring.status import what_stands
from warehouse.home.files import sha256_of
from warehouse.home.layout import Home
from warehouse.home.settings import DevelopmentSettings, SettingsError
from warehouse.publication.candidate import assemble, pending_candidate, record_checks
from warehouse.publication.commit import publish, rollback
from warehouse.publication.complete import complete
from warehouse.publication.current import (
    RELEASES,
    PublishError,
    current_manifest,
    newest_manifest,
    releases,
    snapshots,
)
from warehouse.publication.manifest import (
    BuildInfo,
    Changes,
    Checks,
    PublicationManifest,
    TableChange,
)
from warehouse.publication.marts import Column, Mart
from warehouse.publication.retention import Retention

SEED = DevelopmentSettings.load().test_seed or 20261124


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.at(tmp_path / "home")
    made.create([])
    return made


def build(home: Home, *values: int) -> None:
    """Create a build with two marts, a Chinese view, and tables that must not be published."""
    home.build_database.unlink(missing_ok=True)
    with duckdb.connect(str(home.build_database)) as connection:
        for schema in ("lake", "marts", "bi", "intermediate"):
            connection.execute(f"create schema {schema}")
        connection.execute("create view lake.x as select 1 as gone")
        connection.execute("create table intermediate.y as select 1 as inner_only")
        connection.execute("create table marts.progress (id bigint not null, value double)")
        for value in values:
            connection.execute("insert into marts.progress values (?, ?)", [value, value / 2])
        connection.execute("create view marts.days as select 3 as day")
        connection.execute(
            'create view bi."指标进展" as select id as "编号", value as "值" from marts.progress'
        )


def publish_build(
    home: Home, *values: int, success: bool = True, marts: dict[str, Mart] | None = None
) -> PublicationManifest:
    build(home, *values)
    candidate = assemble(home, marts=marts)
    record_checks(candidate, Checks(success))
    return publish(home, pending_candidate(home))


def current(home: Home) -> PublicationManifest:
    manifest = current_manifest(home)
    assert manifest is not None
    return manifest


def newest(home: Home) -> PublicationManifest:
    manifest = newest_manifest(home)
    assert manifest is not None
    return manifest


def read(path: Path, sql: str = "select id from marts.progress order by id") -> list:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_published_file_holds_marts_views_and_comments_and_nothing_else(home: Home) -> None:
    described = {"value": Column("value", "值", "it's a value", "double")}
    marts = {"progress": Mart("progress", "进展", "it's where we stand", described)}
    publish_build(home, 2, 4, marts=marts)
    assert read(home.database, 'select * from bi."指标进展" order by 1') == [(2, 1.0), (4, 2.0)]
    assert read(home.database, "select table_name from duckdb_tables() order by 1") == [
        ("days",),
        ("progress",),
        ("publication",),
    ]
    assert read(home.database, "select day from marts.days") == [(3,)]
    schemas = read(
        home.database,
        "select distinct schema_name from duckdb_tables() union "
        "select schema_name from duckdb_views() where not internal order by 1",
    )
    assert schemas == [("bi",), ("marts",), ("meta",)]
    comments = "select comment from duckdb_columns() where comment is not null"
    assert read(home.database, comments) == [("it's a value",)]
    assert read(home.database, "select comment from duckdb_tables() where comment is not null") == [
        ("it's where we stand",)
    ]
    nullable = "select is_nullable from duckdb_columns() where column_name = 'id'"
    assert read(home.database, nullable) == [(False,)]


def test_the_views_work_when_the_file_is_attached_under_another_name(home: Home) -> None:
    publish_build(home, 2)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.database}' as other (read_only)")
        assert connection.execute('select * from other.bi."指标进展"').fetchall() == [(2, 1.0)]


def test_a_reader_keeps_the_old_file_and_a_new_one_sees_the_new(home: Home) -> None:
    publish_build(home, 1)
    old = duckdb.connect(str(home.database), read_only=True)
    # A second process, because within one the old file stays open under its path.
    elsewhere = home.root / "second"
    shutil.copytree(home.root, elsewhere, ignore=shutil.ignore_patterns("second"))
    second = Home.at(elsewhere)
    publish_build(second, 1, 2)
    os.replace(second.database, home.database)
    assert old.execute("select count(*) from marts.progress").fetchone() == (1,)
    old.close()
    assert read(home.database) == [(1,), (2,)]


def test_the_manifest_has_the_changes(home: Home) -> None:
    first = publish_build(home, 1)
    assert first.changes.against is None
    same = publish_build(home, 1)
    assert same.changes == Changes(
        against=first.stamp, tables_added=(), tables_removed=(), tables_changed={}, schema=()
    )
    third = publish_build(home, 1, 2)
    assert third.changes.tables_changed == {
        "progress": TableChange(
            rows_before=1, rows_after=2, rows_added=1, rows_withdrawn=0, rows_changed=0
        )
    }
    assert current_manifest(home) == third


def test_every_publication_is_kept_as_a_snapshot_with_its_manifest(home: Home) -> None:
    stamps = [publish_build(home, value).stamp for value in (1, 2)]
    assert sorted(p.name for p in home.snapshots.iterdir()) == stamps
    for stamp, value in zip(stamps, (1, 2), strict=True):
        manifest = json.loads((home.snapshots / stamp / "manifest.json").read_text("utf-8"))
        database = home.snapshots / stamp / "eco.duckdb"
        assert manifest["sha256"] == sha256_of(database)
        assert read(database) == [(value,)]
    current = json.loads((home.published / "manifest.json").read_text("utf-8"))
    assert current["stamp"] == stamps[-1]


def test_a_damaged_manifest_is_named(home: Home) -> None:
    stamp = publish_build(home, 1).stamp
    (home.snapshots / stamp / "manifest.json").write_text('{"stamp": "x"}', encoding="utf-8")
    with pytest.raises(PublishError, match=f"{stamp}/manifest.json .*has no built_at"):
        snapshots(home)


def test_a_candidate_that_failed_its_checks_is_not_published(home: Home) -> None:
    publish_build(home, 1)
    with pytest.raises(PublishError, match="checks failed"):
        publish_build(home, 2, success=False)
    assert read(home.database) == [(1,)]


def test_an_error_says_that_there_is_nothing_to_publish(home: Home) -> None:
    with pytest.raises(PublishError, match="run a nightly load first"):
        pending_candidate(home)
    with duckdb.connect(str(home.build_database)) as connection:
        connection.execute("create schema lake")
    with pytest.raises(PublishError, match="no marts"):
        assemble(home)


def test_a_leftover_log_is_not_replayed_into_the_new_file(home: Home) -> None:
    publish_build(home, 1)
    home.database.with_name("eco.duckdb.wal").write_bytes(b"left by a crashed writer")
    publish_build(home, 2)
    assert read(home.database) == [(2,)]


def test_an_interruption_after_the_commit_is_completed(home: Home) -> None:
    build(home, 1)
    candidate = assemble(home)
    candidate.data_docs.mkdir(parents=True)
    (candidate.data_docs / "index.html").write_text("检查", encoding="utf-8")
    record_checks(candidate, Checks(True))
    manifest = publish(home, pending_candidate(home))
    page = home.report / "data_docs" / "index.html"
    assert page.read_text(encoding="utf-8") == "检查"
    shutil.rmtree(home.snapshots / manifest.stamp)
    (home.published / "manifest.json").unlink()
    (home.snapshots / ".half.123.part").mkdir()
    complete(home)
    assert [p.name for p in home.snapshots.iterdir()] == [manifest.stamp]
    assert (home.published / "manifest.json").exists()


def columns(**types: str) -> dict[str, Column]:
    return {name: Column(name, f"{name}列", "", kind) for name, kind in types.items()}


PROGRESS = Mart(
    "progress",
    "指标进展",
    "",
    columns(indicator_id="string", year="bigint", value="double", note="string"),
    key=("indicator_id", "year"),
    compared=("value",),
)
LOG = Mart("log", "变更", "", {}, holds_changes=True)
ROWS = (
    "table_name varchar, change varchar, change_zh varchar, subject varchar, column_name varchar, "
    "indicator_id varchar, year bigint, area varchar, old_value varchar, new_value varchar, "
    "row_count bigint, detail_zh varchar"
)


def publish_rows(home: Home, rows: str, more: str = "") -> list[dict]:
    """Publish those rows of (indicator_id, year, value, note); return what changes.json lists."""
    home.build_database.unlink(missing_ok=True)
    with duckdb.connect(str(home.build_database)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.progress as select * from (values {rows}) "
            "as t (indicator_id, year, value, note)"
        )
        connection.execute(f"create table marts.log ({ROWS})")
        if more:
            connection.execute(more)
    declared = {"progress": PROGRESS, "log": LOG}
    candidate = assemble(home, marts=declared)
    record_checks(candidate, Checks(True))
    publish(home, pending_candidate(home), marts=declared)
    written = json.loads((home.published / "changes.json").read_text("utf-8"))
    in_mart = read(home.database, "select * from marts.log order by all")
    assert [tuple(row.values()) for row in written["rows"]] == in_mart
    return written["rows"]


def test_changes_of_single_values_have_old_and_new_value(home: Home) -> None:
    first = "('A01', 2020, 1.5, 'a'), ('A01', 2021, 2.5, 'a'), ('A02', 2020, 3.0, 'a')"
    assert publish_rows(home, first) == []
    rows = publish_rows(
        home, "('A01', 2020, 1.5, 'b'), ('A01', 2021, null, 'a'), ('B''1', 2022, 9.0, 'a')"
    )
    found = [
        (r["change"], r["subject"], r["old_value"], r["new_value"], r["row_count"]) for r in rows
    ]
    assert sorted(found, key=str) == sorted(
        [
            ("rows_added", "", None, None, 1),
            ("rows_withdrawn", "", None, None, 1),
            ("rows_changed", "", None, None, 2),  # a note and a value
            ("value_changed", "A01；2021", "2.5", None, 1),
            ("row_added", "B'1；2022", None, "9.0", 1),
            ("row_withdrawn", "A02；2020", "3.0", None, 1),
        ],
        key=str,
    )
    (changed,) = [r for r in rows if r["change"] == "value_changed"]
    assert (changed["indicator_id"], changed["year"], changed["area"]) == ("A01", 2021, None)
    assert changed["detail_zh"] == "指标进展（A01；2021）“value列”由 2.5 变为 空。"


def test_changes_of_tables_and_columns_are_listed(home: Home) -> None:
    publish_rows(home, "('A', 1, 1.0, 'x')", "create table marts.gone as select 1 as a, 2 as b")
    rows = publish_rows(
        home,
        "('A', 1, 1.0, 7)",
        "alter table marts.progress add column more varchar; create table marts.fresh (a int)",
    )
    found = {
        (r["table_name"], r["change"], r["column_name"], r["old_value"], r["new_value"])
        for r in rows
    }
    assert found == {
        ("fresh", "table_added", "", None, None),
        ("gone", "table_removed", "", None, None),
        ("progress", "column_added", "more", None, "VARCHAR"),
        ("progress", "column_type_changed", "note", "VARCHAR", "INTEGER"),
    }
    assert len(current(home).changes.schema) == 4


def test_the_changes_of_a_random_history_are_complete(home: Home) -> None:
    """Applying the listed changes to the old rows gives the new ones."""
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    old: dict[str, float | None] = {}
    for _ in range(6):
        new = {k: v for k, v in old.items() if chance.random() < 0.7}
        for _ in range(12):
            new[f"A{chance.randrange(30):02}"] = chance.choice([None, 0.0, 1.25, -3.0])
        rows = ", ".join(
            f"('{k}', 2020, cast({'null' if v is None else v} as double), 'n')"
            for k, v in new.items()
        )
        changes = publish_rows(home, rows)
        applied = dict(old)
        for row in changes:
            value = None if row["new_value"] is None else float(row["new_value"])
            if row["change"] in ("value_changed", "row_added"):
                assert (row["change"] == "row_added") == (row["indicator_id"] not in old)
                applied[row["indicator_id"]] = value
            elif row["change"] == "row_withdrawn":
                del applied[row["indicator_id"]]
        if old:
            assert applied == new
        old = new


def pages(home: Home, value: int) -> PublicationManifest:
    """Publish a database, a report and open data with that value."""
    build(home, value)
    candidate = assemble(home, build=BuildInfo(inputs=f"i{value}"))
    for folder in (candidate.report, candidate.open_data):
        folder.mkdir(exist_ok=True)
        (folder / "index.html").write_text(str(value), encoding="utf-8")
    record_checks(candidate, Checks(True))
    return publish(home, pending_candidate(home))


def shown(home: Home) -> tuple:
    """Return what readers see: rows, report, open data, reason of the rollback."""
    manifest = json.loads((home.published / "manifest.json").read_text("utf-8"))
    assert manifest["stamp"] == current(home).stamp
    return (
        read(home.database),
        (home.report / "index.html").read_text("utf-8"),
        (home.open_data / "index.html").read_text("utf-8"),
        manifest.get("rollback", {}).get("reason"),
    )


def test_a_rollback_restores_everything_and_is_recorded(home: Home) -> None:
    stamps = [pages(home, value).stamp for value in (1, 2, 3)]
    assert shown(home) == ([(3,)], "3", "3", None)
    assert newest(home).build.inputs == "i3"
    record = rollback(home, stamps[1], reason="错了", software_version="t")
    assert (record.stamp, record.instead_of) == (stamps[1], stamps[2])
    assert shown(home) == ([(2,)], "2", "2", "错了")
    rollback(home, stamps[0], reason="更早")
    assert shown(home) == ([(1,)], "1", "1", "更早")
    # What a load compares its inputs with is still the newest state that was published.
    assert newest(home).build.inputs == "i3"
    assert [s.current for s in snapshots(home)] == [True, False, False]
    with pytest.raises(PublishError, match="is what is published"):
        rollback(home, stamps[0], reason="")
    with pytest.raises(PublishError, match="no snapshot 2020"):
        rollback(home, "2020", reason="")
    fourth = pages(home, 4)
    assert fourth.changes.against == stamps[0]
    assert shown(home) == ([(4,)], "4", "4", None)
    assert newest(home).stamp == fourth.stamp
    assert len(json.loads((home.published / "rollbacks.json").read_text("utf-8"))) == 2


def test_a_load_that_publishes_nothing_says_what_is_in_force(home: Home) -> None:
    assert what_stands(home) == "nothing is published yet"
    stamps = [pages(home, value).stamp for value in (1, 2)]
    assert what_stands(home) == f"the publication {stamps[1]} stays in force"
    rollback(home, stamps[0], reason="数据有误")
    said = what_stands(home)
    assert f"to the publication {stamps[0]} stays in force (reason: 数据有误)" in said
    assert "eco nightly --rebuild ends it" in said


@pytest.mark.parametrize("reason", [[], ["--reason", " "]])
def test_a_rollback_needs_a_reason(empty_home: Home, reason: list[str]) -> None:
    arguments = ["publish", "--rollback", "x", "--home", str(empty_home.root), *reason]
    done = CliRunner().invoke(eco, arguments)
    assert done.exit_code != 0
    assert "--rollback needs --reason" in done.output


def test_every_release_stays_in_the_log_after_its_snapshot_is_pruned(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = [pages(home, value).stamp for value in (1, 2)]
    rollback(home, stamps[0], reason="错了")
    complete(home)
    (home.published / RELEASES).write_bytes(
        b"".join((home.published / RELEASES).read_bytes().splitlines(keepends=True)[:-1])
    )  # cut off before the last line: the next load completes it
    monkeypatch.setenv("ECO_KEEP_LAST", "1")
    monkeypatch.setenv("ECO_KEEP_MONTHS", "0")
    stamps.append(pages(home, 3).stamp)
    log = releases(home)
    assert [line.stamp for line in log] == [stamps[0], stamps[1], stamps[0], stamps[2]]
    assert [line.reason for line in log] == [None, None, "错了", None]
    assert all(len(line.sha256 or "") == 64 and line.checks_passed for line in log)
    assert log[0].tables == {"days": 1, "progress": 1}
    assert not (home.snapshots / stamps[1]).exists()


def test_a_changed_snapshot_is_never_published_again(home: Home) -> None:
    first, _ = pages(home, 1), pages(home, 2)
    database = home.snapshots / first.stamp / "eco.duckdb"
    database.write_bytes(database.read_bytes()[:-1] + b"x")
    with pytest.raises(PublishError, match="not what was published"):
        rollback(home, first.stamp, reason="")
    assert shown(home) == ([(2,)], "2", "2", None)


def test_a_candidate_from_before_a_rollback_is_compared_anew(home: Home) -> None:
    stamps = [pages(home, value).stamp for value in (1, 2)]
    build(home, 3)
    candidate = assemble(home)
    assert candidate.manifest.changes.against == stamps[1]
    record_checks(candidate, Checks(True))
    rollback(home, stamps[0], reason="")
    manifest = publish(home, pending_candidate(home))
    assert manifest.changes.against == stamps[0]


def test_a_home_that_was_copied_without_links_is_corrected(home: Home) -> None:
    pages(home, 1)
    copied = Home.at(home.root.with_name("copied"))
    shutil.copytree(home.root, copied.root)
    assert not copied.report.is_symlink()
    pages(copied, 2)
    assert shown(copied) == ([(2,)], "2", "2", None)
    assert not list(copied.published.glob(".*"))


def test_the_newest_and_the_last_of_each_month_are_kept() -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text + "+00:00")

    # 16:00 UTC is midnight in Yangcheng: the night of 31 January belongs to February.
    moments = [
        at(t)
        for t in (
            "2023-01-05T10:00",
            "2023-01-31T15:59",
            "2023-01-31T16:00",
            "2023-02-10T10:00",
            "2023-03-01T10:00",
            "2023-03-02T10:00",
        )
    ]
    assert Retention(2, 0).kept(moments) == set(moments[-2:])
    assert Retention(1, 2).kept(moments) == {moments[5], moments[3]}
    assert Retention(1, 9).kept(moments) == {moments[5], moments[3], moments[1]}
    assert Retention(0, 0).kept(moments) == set()


def test_old_snapshots_are_pruned_but_never_the_current_one(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECO_KEEP_LAST", "2")
    monkeypatch.setenv("ECO_KEEP_MONTHS", "0")
    stamps = [publish_build(home, value).stamp for value in range(4)]
    assert sorted(p.name for p in home.snapshots.iterdir()) == stamps[2:]
    rollback(home, stamps[2], reason="")
    monkeypatch.setenv("ECO_KEEP_LAST", "0")
    complete(home)  # neither what is published nor what it stands for
    assert sorted(p.name for p in home.snapshots.iterdir()) == stamps[2:]
    monkeypatch.setenv("ECO_KEEP_LAST", "many")
    with pytest.raises(SettingsError, match="ECO_KEEP_LAST is 'many'"):
        complete(home)
