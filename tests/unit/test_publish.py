"""Publication: what a candidate holds, the swap under readers, what is completed afterwards."""

import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from warehouse import publish
from warehouse.home import Home
from warehouse.publish import PublishError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.at(tmp_path / "home")
    made.create([])
    return made


def build(home: Home, *values: int) -> None:
    """A build with one mart, its Chinese view, and a view over a file that must not travel."""
    home.build_database.unlink(missing_ok=True)
    with duckdb.connect(str(home.build_database)) as connection:
        for schema in ("lake", "marts", "bi", "intermediate"):
            connection.execute(f"create schema {schema}")
        connection.execute("create view lake.x as select 1 as gone")
        connection.execute("create table intermediate.y as select 1 as inner_only")
        connection.execute("create table marts.progress (id bigint not null, value double)")
        connection.execute("comment on table marts.progress is 'it''s where we stand'")
        connection.execute("comment on column marts.progress.value is '值'")
        for value in values:
            connection.execute("insert into marts.progress values (?, ?)", [value, value / 2])
        connection.execute(
            'create view bi."指标进展" as select id as "编号", value as "值" from marts.progress'
        )


def put_out(home: Home, *values: int, success: bool = True) -> dict:
    build(home, *values)
    candidate = publish.assemble(home, details={"year": None})
    publish.record_checks(candidate, {"success": success})
    return publish.publish(home, publish.pending_candidate(home))


def read(path: Path, sql: str = "select id from marts.progress order by id") -> list:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_published_file_holds_marts_views_and_comments_and_nothing_else(home: Home) -> None:
    put_out(home, 2, 4)
    assert read(home.database, 'select * from bi."指标进展" order by 1') == [(2, 1.0), (4, 2.0)]
    schemas = read(
        home.database,
        "select distinct schema_name from duckdb_tables() union "
        "select schema_name from duckdb_views() where not internal order by 1",
    )
    assert schemas == [("bi",), ("marts",), ("meta",)]
    comments = "select comment from duckdb_columns() where comment is not null"
    assert read(home.database, comments) == [("值",)]
    assert read(home.database, "select comment from duckdb_tables() where comment is not null") == [
        ("it's where we stand",)
    ]
    nullable = "select is_nullable from duckdb_columns() where column_name = 'id'"
    assert read(home.database, nullable) == [(False,)]


def test_the_views_work_when_the_file_is_attached_under_another_name(home: Home) -> None:
    put_out(home, 2)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.database}' as other (read_only)")
        assert connection.execute('select * from other.bi."指标进展"').fetchall() == [(2, 1.0)]


def test_a_reader_keeps_the_old_file_and_a_new_one_sees_the_new(home: Home) -> None:
    put_out(home, 1)
    old = duckdb.connect(str(home.database), read_only=True)
    # A second process, because within one the old file stays open under its path.
    put_out_elsewhere = home.root / "second"
    shutil.copytree(home.root, put_out_elsewhere, ignore=shutil.ignore_patterns("second"))
    second = Home.at(put_out_elsewhere)
    put_out(second, 1, 2)
    os.replace(second.database, home.database)
    assert old.execute("select count(*) from marts.progress").fetchone() == (1,)
    old.close()
    assert read(home.database) == [(1,), (2,)]


def test_the_manifest_tells_what_changed(home: Home) -> None:
    first = put_out(home, 1)
    assert first["changes"]["against"] is None
    same = put_out(home, 1)
    assert same["changes"] == {
        "against": first["stamp"],
        "tables_added": [],
        "tables_removed": [],
        "tables_changed": {},
    }
    third = put_out(home, 1, 2)
    assert third["changes"]["tables_changed"] == {"progress": {"rows_before": 1, "rows_after": 2}}
    assert publish.current_manifest(home) == third


def test_every_publication_stays_as_a_snapshot_with_its_manifest(home: Home) -> None:
    stamps = [put_out(home, value)["stamp"] for value in (1, 2)]
    assert sorted(p.name for p in home.snapshots.iterdir()) == stamps
    for stamp, value in zip(stamps, (1, 2), strict=True):
        manifest = json.loads((home.snapshots / stamp / "manifest.json").read_text("utf-8"))
        database = home.snapshots / stamp / "eco.duckdb"
        assert manifest["sha256"] == publish.sha256_of(database)
        assert read(database) == [(value,)]
    current = json.loads((home.published / "manifest.json").read_text("utf-8"))
    assert current["stamp"] == stamps[-1]


def test_a_candidate_that_failed_its_checks_is_not_published(home: Home) -> None:
    put_out(home, 1)
    with pytest.raises(PublishError, match="checks failed"):
        put_out(home, 2, success=False)
    assert read(home.database) == [(1,)]


def test_nothing_to_publish_is_said(home: Home) -> None:
    with pytest.raises(PublishError, match="run a nightly load first"):
        publish.pending_candidate(home)
    with duckdb.connect(str(home.build_database)) as connection:
        connection.execute("create schema lake")
    with pytest.raises(PublishError, match="no marts"):
        publish.assemble(home, details={})


def test_a_leftover_log_is_not_replayed_into_the_new_file(home: Home) -> None:
    put_out(home, 1)
    home.database.with_name("eco.duckdb.wal").write_bytes(b"left by a crashed writer")
    put_out(home, 2)
    assert read(home.database) == [(2,)]


def test_what_was_cut_off_after_the_swap_is_completed(home: Home) -> None:
    build(home, 1)
    candidate = publish.assemble(home, details={})
    candidate.data_docs.mkdir()
    (candidate.data_docs / "index.html").write_text("检查", encoding="utf-8")
    publish.record_checks(candidate, {"success": True})
    manifest = publish.publish(home, publish.pending_candidate(home))
    page = home.report / "data_docs" / "index.html"
    assert page.read_text(encoding="utf-8") == "检查"
    shutil.rmtree(home.snapshots / manifest["stamp"])
    (home.published / "manifest.json").unlink()
    (home.snapshots / ".half.123.part").mkdir()
    publish.complete(home)
    assert [p.name for p in home.snapshots.iterdir()] == [manifest["stamp"]]
    assert (home.published / "manifest.json").exists()


def test_old_snapshots_are_pruned_but_never_the_current_one(home: Home) -> None:
    stamps = [put_out(home, value)["stamp"] for value in range(4)]
    publish.complete(home, keep=2)
    assert sorted(p.name for p in home.snapshots.iterdir()) == stamps[2:]
