"""Backups, verification of a home, and restoring the lake from the archive."""

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from orchestration.intake.reread import Rereading
from orchestration.intake.service import Intake
from sources.contracts import load_contracts
from warehouse.care import backup, verify
from warehouse.care import restore as restoring
from warehouse.care.store import BackupError, Entry, Record, Store
from warehouse.home.files import PART, sha256_of
from warehouse.home.layout import Home, HomeError
from warehouse.lake.commit import write_manifest
from warehouse.lake.index import submissions
from warehouse.lake.submissions import (
    LakeError,
    Submission,
    archive_path,
    manifest_path,
)
from warehouse.publication.candidate import assemble, pending_candidate, record_checks
from warehouse.publication.commit import publish
from warehouse.publication.current import snapshots
from warehouse.publication.manifest import Checks

CONTRACTS = load_contracts()
FILES = {
    "forestry/cover.csv": "年份,区域,森林覆盖率\n2019,全县,46\n2020,全县,46.63\n",
    "forestry/in_part.csv": "年份,区域,森林覆盖率\n2021,全县,47\n2021,月球,1\n",
    "energy/refused.csv": "年份,区域,森林覆盖率\n2021,全县,47.1\n",
}


def take_in(home: Home, **files: str) -> None:
    for name, text in files.items():
        path = home.landing / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_700_000_000, 1_700_000_000))
    Intake(home, CONTRACTS, "test").run(settle_seconds=0)


def put_out(home: Home, value: int) -> str:
    home.build_database.unlink(missing_ok=True)
    with duckdb.connect(str(home.build_database)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.t as select {value} as v")
    candidate = assemble(home)
    candidate.report.mkdir()
    (candidate.report / "index.html").write_text(str(value), encoding="utf-8")
    record_checks(candidate, Checks(True))
    return publish(home, pending_candidate(home)).stamp


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with three files and two publications, not to be changed."""
    made = Home.at(tmp_path_factory.mktemp("filled") / "home")
    made.create(CONTRACTS.departments)
    take_in(made, **FILES)
    put_out(made, 1)
    put_out(made, 2)
    return made


@pytest.fixture
def home(filled: Home, tmp_path: Path) -> Home:
    """A copy of that home, which may be changed."""
    shutil.copytree(filled.root, tmp_path / "home", symlinks=True)
    return Home.at(tmp_path / "home")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "backups")


def take(home: Home, store: Store, **options: object) -> backup.BackupResult:
    return backup.take(home, store, software_version="test", **options)  # type: ignore[arg-type]


def restore(home: Home, store: Store, **options: object) -> tuple[Record, Path | None]:
    options = {"departments": CONTRACTS.departments, **options}
    return restoring.restore(home, store, **options)  # type: ignore[arg-type]


def held(home: Home) -> dict[str, bytes]:
    """Return the files that a restore brings back, links resolved."""
    kept = ("archive", "lake", "quarantine", "published")
    found = {
        path.relative_to(home.root).as_posix(): path.read_bytes()
        for name in kept
        for path in (home.root / name).rglob("*")
        if path.is_file()
    }
    for path in home.landing.glob("*/receipts/*"):
        found[path.relative_to(home.root).as_posix()] = path.read_bytes()
    return found


def accepted(home: Home) -> Submission:
    return next(s for s in submissions(home) if s.file_name == "cover.csv")


def test_a_restored_home_holds_what_was_backed_up(home: Home, store: Store, tmp_path: Path) -> None:
    take(home, store)
    fresh = Home.at(tmp_path / "fresh")
    record, aside = restore(fresh, store)
    assert aside is None
    assert record.submissions == 3
    assert held(fresh) == held(home)
    assert (fresh.report / "index.html").read_text("utf-8") == "2"
    assert verify.verify(fresh).problems == ()
    assert not list(fresh.root.glob(".*")), "nothing half-made is left"
    take_in(fresh, **FILES)  # the same files again are known
    assert len(submissions(fresh)) == 3


def test_a_second_backup_copies_only_what_is_new(home: Home, store: Store, tmp_path: Path) -> None:
    first = take(home, store)
    assert first.copied_files > 10
    assert take(home, store).copied_files == 0
    take_in(home, **{"forestry/more.csv": "年份,区域,森林覆盖率\n2022,全县,47.5\n"})
    third = take(home, store)
    # Bytes, rows, manifest, the receipt's two files, the index of receipts.
    assert third.copied_files == 6
    restore(Home.at(tmp_path / "then"), store, stamp=first.record.stamp)
    restore(Home.at(tmp_path / "now"), store)
    assert len(submissions(Home.at(tmp_path / "then"))) == 3
    assert held(Home.at(tmp_path / "now")) == held(home)


def test_old_backups_are_removed_with_bytes_of_no_other(
    home: Home, store: Store, tmp_path: Path
) -> None:
    gone = take(home, store).record
    put_out(home, 3)
    shutil.rmtree(home.snapshots / snapshots(home)[0].manifest.stamp)
    kept = take(home, store, keep=1)
    assert kept.pruned == 1
    assert [record.stamp for record in store.records()] == [kept.record.stamp]
    only_old = {e.sha256 for e in gone.files} - {e.sha256 for e in kept.record.files}
    assert only_old
    assert not any(store.object(digest).exists() for digest in only_old)
    assert backup.check(store) == []
    restore(Home.at(tmp_path / "fresh"), store)


def test_an_interrupted_backup_does_not_count(
    home: Home, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = take(home, store).record
    take_in(home, **{"forestry/more.csv": "年份,区域,森林覆盖率\n2022,全县,47.5\n"})
    added, copied = Store.add, 0

    def dying(self: Store, source: Path, expected: str | None) -> tuple[str, int] | None:
        nonlocal copied
        copied += 1
        if copied == 3:
            (self.root / f".1{PART}").write_bytes(b"half")
            raise KeyboardInterrupt
        return added(self, source, expected)

    monkeypatch.setattr(Store, "add", dying)
    with pytest.raises(KeyboardInterrupt):
        take(home, store)
    assert [record.stamp for record in store.records()] == [first.stamp]
    monkeypatch.undo()
    take(home, store)
    assert not list(store.root.rglob(f"*{PART}"))
    restore(Home.at(tmp_path / "fresh"), store)
    assert held(Home.at(tmp_path / "fresh")) == held(home)


def test_a_truncated_or_changed_record_is_named(home: Home, store: Store, tmp_path: Path) -> None:
    record = take(home, store).record
    path = store.root / "records" / f"{record.stamp}.json"
    whole = path.read_text("utf-8")
    for text in (whole[:-20], whole.replace(record.files[0].sha256, "0" * 64)):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BackupError, match=record.stamp):
            restore(Home.at(tmp_path / "fresh"), store)


def test_a_record_that_leads_out_of_the_home_is_refused(
    home: Home, store: Store, tmp_path: Path
) -> None:
    record = take(home, store).record
    for path in ("lake/../../evil", "/tmp/evil", "state/evil"):
        evil = Entry(path, 1, record.files[0].sha256, 0)
        store.commit(Record(record.stamp, "test", "x", 1, True, (evil,)))
        with pytest.raises(BackupError, match="no place of a data home"):
            restore(Home.at(tmp_path / "fresh"), store)


def test_damaged_backups_are_detected_and_not_restored(
    home: Home, store: Store, tmp_path: Path
) -> None:
    take(home, store)
    victim = store.object(accepted(home).files[0].sha256)
    victim.chmod(0o644)
    content = victim.read_bytes()
    victim.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert [problem.split(": ")[1][:7] for problem in backup.check(store)] == ["damaged"]
    fresh = Home.at(tmp_path / "fresh")
    with pytest.raises(BackupError, match="damaged"):
        restore(fresh, store)
    victim.unlink()
    assert "missing" in backup.check(store)[0]
    with pytest.raises(BackupError, match="incomplete"):
        restore(fresh, store)
    assert held(fresh) == {}, "nothing was put in place"


def test_a_home_with_files_is_refused_without_overwrite(home: Home, store: Store) -> None:
    take(home, store)
    then = held(home)
    take_in(home, **{"forestry/more.csv": "年份,区域,森林覆盖率\n2022,全县,47.5\n"})
    waiting = home.department("forestry") / "waits.csv"
    waiting.write_text("x", encoding="utf-8")
    with pytest.raises(BackupError, match="--overwrite"):
        restore(home, store)
    assert len(submissions(home)) == 4
    _, aside = restore(home, store, overwrite=True)
    assert aside is not None
    assert len(list(aside.glob("lake/_manifests/*.json"))) == 4
    assert waiting.exists()
    now = held(home)
    assert {path: now[path] for path in then} == then


def test_an_interrupted_restore_is_named_and_can_be_repeated(
    home: Home, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(home, store)
    rename = os.replace
    for point in range(1, 6):
        fresh = Home.at(tmp_path / f"fresh-{point}")
        put = []

        def dying(source: Path, target: Path, point: int = point, put: list = put) -> None:
            if Path(source).is_dir() and Path(source).suffix != PART:
                put.append(source)
                if len(put) == point:
                    raise KeyboardInterrupt
            rename(source, target)

        monkeypatch.setattr(os, "replace", dying)
        with pytest.raises(KeyboardInterrupt):
            restore(fresh, store)
        monkeypatch.undo()
        with pytest.raises(HomeError, match="Run the same eco restore"):
            fresh.require()
        restore(fresh, store)
        fresh.require()
        assert held(fresh) == held(home)


def test_a_backup_during_an_intake_is_whole(home: Home, store: Store, tmp_path: Path) -> None:
    """Backups during an intake: each has whole submissions and the intents of the others."""
    text = "年份,区域,森林覆盖率\n{},全县,47.{}\n"
    for number in range(30):
        path = home.landing / f"forestry/{number}.csv"
        path.write_text(text.format(1990 + number, number), encoding="utf-8")
        os.utime(path, (1_700_000_000, 1_700_000_000))
    thread = threading.Thread(
        target=lambda: Intake(home, CONTRACTS, "test").run(settle_seconds=0), daemon=True
    )
    thread.start()
    backup.take(home, store, software_version="test", publications=False)
    thread.join()
    last = take(home, store).record
    for record in store.records():
        fresh = Home.at(tmp_path / record.stamp)
        restore(fresh, store, stamp=record.stamp)
        assert verify.verify(fresh).problems == ()
        assert len(submissions(fresh)) == record.submissions
    assert last.submissions == 33


def test_an_unfinished_intake_is_finished_in_the_restored_home(
    home: Home, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.landing / "forestry/begun.csv"
    path.write_text("年份,区域,森林覆盖率\n2023,全县,48\n", encoding="utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    monkeypatch.setattr(
        "orchestration.intake.service.commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt())
    )
    with pytest.raises(KeyboardInterrupt):
        Intake(home, CONTRACTS, "test").run(settle_seconds=0)
    monkeypatch.undo()
    record = take(home, store).record
    assert record.submissions == 3
    fresh = Home.at(tmp_path / "fresh")
    restore(fresh, store)
    take_in(fresh)
    assert "begun.csv" in {s.file_name for s in submissions(fresh)}


def test_no_backup_is_taken_of_damage_that_no_earlier_one_covers(home: Home, store: Store) -> None:
    damaged = home.root / accepted(home).files[0].path
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-30] + b"x" + content[-29:])
    with pytest.raises(BackupError, match=damaged.name):
        take(home, store)
    assert store.records() == []
    damaged.write_bytes(content)
    take(home, store)
    damaged.write_bytes(b"")
    assert take(home, store).copied_files == 0, "the earlier backup has the right bytes"


def test_a_folder_with_other_files_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(BackupError, match="other files"):
        take(home, Store(tmp_path))
    with pytest.raises(BackupError, match="in the data home"):
        take(home, Store(home.root / "backups"))
    with pytest.raises(BackupError, match="not a backup folder"):
        restore(home, Store(tmp_path / "none"))


def harm(path: Path, how: str) -> None:
    if path.exists():
        path.chmod(0o644)
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "cut off":
        path.write_bytes(content[: len(content) // 2])
    elif how == "changed":
        middle = len(content) // 2
        changed = bytes([content[middle] ^ 255])
        path.write_bytes(content[:middle] + changed + content[middle + 1 :])


@pytest.mark.parametrize("how", ["missing", "cut off", "changed"])
@pytest.mark.parametrize("what", ["rows", "rejected", "archive", "publication"])
def test_every_damage_is_named_with_its_submission(home: Home, what: str, how: str) -> None:
    in_part = next(s for s in submissions(home) if s.file_name == "in_part.csv")
    paths = {
        "rows": in_part.files[0].path,
        "rejected": in_part.quarantine.path if in_part.quarantine else "",
        "archive": f"archive/{in_part.sha256[:2]}/{in_part.sha256}",
        "publication": f"published/snapshots/{snapshots(home)[0].manifest.stamp}/eco.duckdb",
    }
    assert verify.verify(home).problems == ()
    harm(home.root / paths[what], how)
    [found] = verify.verify(home).problems
    assert found.path == paths[what]
    if what == "publication":
        assert found.kind == ("missing" if how == "missing" else "changed")
    else:
        assert found.kind == how
        assert found.file_name == "in_part.csv"
        assert found.submission_id == in_part.submission_id
    if what in ("rows", "rejected") and how != "changed":
        with pytest.raises(LakeError) as error:
            verify.require_whole(home, submissions(home))
        for named in (paths[what], "forestry/in_part.csv", in_part.submission_id, "eco restore"):
            assert named in str(error.value)


def test_a_damaged_manifest_of_a_publication_is_one_problem_among_others(home: Home) -> None:
    first, second = snapshots(home)
    damaged = home.snapshots / first.manifest.stamp / "manifest.json"
    damaged.write_text("{", encoding="utf-8")
    database = home.snapshots / second.manifest.stamp / home.database.name
    database.unlink()
    found = {problem.path: problem.kind for problem in verify.verify(home).problems}
    assert found == {
        damaged.relative_to(home.root).as_posix(): "unreadable",
        database.relative_to(home.root).as_posix(): "missing",
    }


def test_missing_manifests_of_rows_are_named_and_restored(home: Home, store: Store) -> None:
    take(home, store)
    before = held(home)
    identity = accepted(home).submission_id
    manifest_path(home, identity).unlink()
    with pytest.raises(LakeError, match=identity):
        verify.require_whole(home, submissions(home))
    repaired, left = restoring.repair(home, store)
    assert repaired == [f"lake/_manifests/{identity}.json"]
    assert left == []
    assert held(home) == before


def test_repair_restores_damaged_files_and_no_others(home: Home, store: Store) -> None:
    take(home, store)
    before = held(home)
    take_in(home, **{"forestry/more.csv": "年份,区域,森林覆盖率\n2022,全县,47.5\n"})
    later = held(home)
    submission = accepted(home)
    harm(home.root / submission.files[0].path, "missing")
    harm(home.root / submission.files[1].path, "changed")
    harm(archive_path(home, submission.sha256), "cut off")
    manifest_path(home, submission.submission_id).write_text("{", encoding="utf-8")
    repaired, left = restoring.repair(home, store)
    assert len(repaired) == 4
    assert left == []
    assert held(home) == later
    assert set(before) < set(later)


def test_the_lake_is_made_again_from_the_archive_to_identical_rows(home: Home) -> None:
    before = held(home)
    shutil.rmtree(home.quarantine)
    for folder in home.lake.iterdir():
        if folder != home.manifests:
            shutil.rmtree(folder)
    done = Rereading(home, CONTRACTS, "test").run()
    assert {r.outcome for r in done} == {"restored"}
    assert held(home) == before
    everything = Rereading(home, CONTRACTS, "test").run(everything=True)
    assert [r.outcome for r in everything] == ["sound"] * 3


def rewritten(home: Home, **changes: Any) -> Submission:
    """Change a manifest as if an earlier version of the software had read the file otherwise."""
    write_manifest(home, replace(accepted(home), **changes))
    return accepted(home)


def test_a_different_reading_is_reported_and_not_accepted(home: Home) -> None:
    submission = rewritten(home, rows_read=3, rows_rejected=1)
    [reread] = [
        r for r in Rereading(home, CONTRACTS, "test").run(everything=True) if r.outcome != "sound"
    ]
    assert reread.outcome == "differs"
    assert "rows_read: recorded 3, today 2" in reread.differences
    assert "rows_rejected: recorded 1, today 0" in reread.differences
    missing = home.root / submission.files[0].path
    missing.unlink()
    assert [r.outcome for r in Rereading(home, CONTRACTS, "test").run()] == ["differs"]
    assert not missing.exists()
    [taken] = Rereading(home, CONTRACTS, "newer").run(accept_differences=True)
    assert taken.outcome == "accepted"
    now = accepted(home)
    assert (now.rows_read, now.rows_rejected, now.received_at) == (2, 0, submission.received_at)
    assert now.rereads[0].software_version == "newer"
    assert verify.verify(home).problems == ()


def test_a_row_that_is_read_differently_is_named_by_its_line(home: Home) -> None:
    submission = accepted(home)
    file = submission.files[0]
    path = home.root / file.path
    frame = pl.read_parquet(path).with_columns(reported_rate=pl.lit(1.5))
    frame.write_parquet(path)
    known = replace(file, size_bytes=path.stat().st_size, sha256=sha256_of(path))
    rewritten(home, files=(known, *submission.files[1:]))
    [reread] = [
        r for r in Rereading(home, CONTRACTS, "test").run(everything=True) if r.outcome != "sound"
    ]
    assert reread.differences == (f"{file.path}: 1 row(s), the first is line 2: reported_rate",)


def test_rows_without_archived_bytes_are_reported_as_lost(home: Home) -> None:
    submission = accepted(home)
    (home.root / submission.files[0].path).unlink()
    archive_path(home, submission.sha256).unlink()
    [lost] = Rereading(home, CONTRACTS, "test").run()
    assert lost.outcome == "lost"
    assert submission.sha256 in lost.differences[0]


def test_links_and_odd_names_among_the_receipts_stop_neither_backup_nor_restore(
    home: Home, store: Store, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret", encoding="utf-8")
    receipts = home.receipts("forestry")
    (receipts / "link.txt").symlink_to(outside / "secret.txt")
    odd = os.fsencode(receipts) + b"/\xb5\xa5.txt"
    with open(odd, "wb") as file:
        file.write(b"odd")
    shutil.rmtree(home.receipts("energy"))
    home.receipts("energy").symlink_to(outside)
    taken = take(home, store)
    backed_up = {entry.path for entry in taken.record.files if entry.path.startswith("landing/")}
    assert "landing/forestry/receipts/" + os.fsdecode(b"\xb5\xa5.txt") in backed_up
    assert not [path for path in backed_up if "link" in path or "energy" in path]

    shutil.rmtree(receipts)
    receipts.symlink_to(outside)
    restore(home, store, overwrite=True)
    assert [path.name for path in outside.iterdir()] == ["secret.txt"]
    assert receipts.is_dir() and not receipts.is_symlink()
    with open(odd, "rb") as file:
        assert file.read() == b"odd"
    assert len(list(receipts.glob("*.html"))) == 3, "two files and the index"
