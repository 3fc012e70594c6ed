"""The intake of landing folders: what is taken, what waits, what is refused, who gets a receipt."""

import os
import queue
import threading
import time
from pathlib import Path

import openpyxl
import pytest

from orchestration.intake import service
from orchestration.intake.landing import settled_files
from orchestration.intake.service import FileOutcome, Intake, read_ahead
from sources.contracts import load_contracts
from sources.limits import MIB
from sources.receipts.templates import templates
from warehouse.home.layout import Home
from warehouse.lake.index import submissions
from warehouse.lake.submissions import archive_path

FOREST = "年份,区域,森林覆盖率\n{year},全县,{rate}\n"


def drop(home: Home, name: str, text: str | bytes) -> Path:
    path = home.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def take_in(home: Home, settle_seconds: float = 0) -> dict[str, FileOutcome]:
    outcomes = Intake(home, load_contracts(), "test").run(settle_seconds=settle_seconds)
    return {o.file_name: o for o in outcomes}


def test_a_refused_file_is_taken_under_a_name_that_answers_the_question(empty_home: Home) -> None:
    content = "区域,森林面积,森林覆盖率\n全县,8.9,46.6\n"
    drop(empty_home, "forestry/森林资源.csv", content)
    [asked] = take_in(empty_home)["森林资源.csv"].submissions
    assert asked.status == "refused"
    for outcome in ("taken", "known"):
        drop(empty_home, "forestry/2021年森林资源.csv", content)
        again = take_in(empty_home)["2021年森林资源.csv"]
        assert again.outcome == outcome
        assert [s.periods for s in again.submissions] == [("2021",)]
    assert len(submissions(empty_home)) == 2


def test_a_file_in_any_sub_folder_is_taken_and_leaves_landing(empty_home: Home) -> None:
    path = drop(empty_home, "forestry/2021/上半年/数据.csv", FOREST.format(year=2021, rate=47))
    outcome = take_in(empty_home)["数据.csv"]
    assert outcome.outcome == "taken"
    assert not path.exists()
    assert outcome.receipt is not None
    assert outcome.receipt.parent == empty_home.receipts("forestry")
    assert "数据.csv" in outcome.receipt.read_text("utf-8")
    [submission] = outcome.submissions
    assert (submission.dataset, submission.rows_accepted) == ("forest_resources", 1)
    assert submission.periods == ("2021",)
    archived = archive_path(empty_home, submission.sha256)
    assert archived.read_text("utf-8") == FOREST.format(year=2021, rate=47)


def test_the_same_file_again_changes_nothing_and_is_told_so(empty_home: Home) -> None:
    drop(empty_home, "forestry/a.csv", FOREST.format(year=2021, rate=47))
    take_in(empty_home)
    path = drop(empty_home, "forestry/b.csv", FOREST.format(year=2021, rate=47))
    outcome = take_in(empty_home)["b.csv"]
    assert outcome.outcome == "known"
    assert not path.exists()
    assert len(submissions(empty_home)) == 1
    assert outcome.receipt is not None
    assert "a.csv" in outcome.receipt.read_text("utf-8")


def test_the_same_bytes_in_another_departments_folder_are_another_submission(
    empty_home: Home,
) -> None:
    drop(empty_home, "energy/a.csv", FOREST.format(year=2021, rate=47))
    drop(empty_home, "forestry/a.csv", FOREST.format(year=2021, rate=47))
    take_in(empty_home)
    found = {s.department: s.status for s in submissions(empty_home)}
    assert found == {"energy": "refused", "forestry": "accepted"}


def test_what_programs_leave_behind_is_not_data(empty_home: Home) -> None:
    for name in ("~$a.xlsx", "a.csv.tmp", "a.part", ".hidden.csv", "Thumbs.db"):
        drop(empty_home, f"forestry/{name}", "x")
    assert take_in(empty_home) == {}


def test_a_file_that_is_still_being_written_waits(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(empty_home, "forestry/a.csv", FOREST.format(year=2021, rate=47))
    os.utime(path)

    def growing(seconds: float) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write("2022,全县,48\n")

    monkeypatch.setattr("orchestration.intake.landing.time.sleep", growing)
    assert take_in(empty_home, settle_seconds=1) == {}
    monkeypatch.undo()
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert take_in(empty_home)["a.csv"].submissions[0].rows_accepted == 2


def test_a_file_that_a_program_still_writes_waits_however_still_it_is(empty_home: Home) -> None:
    path = drop(empty_home, "forestry/a.csv", FOREST.format(year=2021, rate=47))
    with path.open("a", encoding="utf-8") as upload:
        os.utime(path, (1_700_000_000, 1_700_000_000))
        assert take_in(empty_home) == {}
        upload.write("2022,全县,48\n")
    assert take_in(empty_home)["a.csv"].submissions[0].rows_accepted == 2


def test_watching_takes_files_as_they_come(empty_home: Home) -> None:
    stop, came = threading.Event(), queue.Queue()
    intake = Intake(empty_home, load_contracts(), "test")
    watching = threading.Thread(
        target=intake.watch, args=(stop,), kwargs={"settle_seconds": 0, "on_file": came.put}
    )
    watching.start()
    try:
        for number, rate in enumerate((47, 48)):
            text = FOREST.format(year=2021, rate=rate)
            path = empty_home.department("forestry") / f"{number}.csv"
            with path.open("w", encoding="utf-8") as upload:
                upload.write(text[:9])
                upload.flush()
                if number:
                    with pytest.raises(queue.Empty):
                        came.get(timeout=0.5)
                upload.write(text[9:])
            outcome = came.get(timeout=60)
            assert (outcome.outcome, outcome.submissions[0].rows_accepted) == ("taken", 1)
            assert outcome.receipt.exists()
            with empty_home.lock("intake", wait_seconds=5):  # not held while nothing is to do
                pass
    finally:
        stop.set()
        watching.join()
    times = [s.received for s in submissions(empty_home)]
    assert len(times) == 2 and times == sorted(times)


def test_a_file_replaced_while_it_is_taken_in_is_not_lost(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(empty_home, "forestry/a.csv", FOREST.format(year=2021, rate=47))
    commit = service.commit

    def replacing(*arguments: object, **named: object) -> object:
        newer = drop(empty_home, "forestry/.newer", FOREST.format(year=2021, rate=48))
        os.replace(newer, newer.with_name("a.csv"))
        return commit(*arguments, **named)

    monkeypatch.setattr(service, "commit", replacing)
    assert take_in(empty_home)["a.csv"].outcome == "taken"
    monkeypatch.undo()
    assert take_in(empty_home)["a.csv"].outcome == "taken"
    assert len(submissions(empty_home)) == 2


def test_a_file_taken_away_before_it_is_read_is_no_failure(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(empty_home, "forestry/a.csv", FOREST.format(year=2021, rate=47))
    drop(empty_home, "forestry/b.csv", FOREST.format(year=2022, rate=47))
    settled = settled_files

    def and_gone(*arguments: object) -> list:
        found = settled(*arguments)
        path.unlink()
        return found

    monkeypatch.setattr(service, "settled_files", and_gone)
    outcomes = take_in(empty_home)
    assert {name: o.outcome for name, o in outcomes.items()} == {
        "a.csv": "waiting",
        "b.csv": "taken",
    }
    assert not list(empty_home.receipts("forestry").glob("*a.csv*"))


def test_large_files_are_read_alone_and_all_come_in_their_order() -> None:
    reading, most = [], 0

    def read(size: int) -> int:
        nonlocal most
        reading.append(size)
        most = max(most, sum(reading))
        time.sleep(0.01)
        reading.remove(size)
        return size

    sizes = [1, 2, 150, 100, 3, 4, 500, 5, 6]
    things = [(size * MIB, size * MIB) for size in sizes]
    done = [(thing, result.result()) for thing, result in read_ahead(things, read)]
    assert done == [(size * MIB, size * MIB) for size in sizes]
    assert most == 500 * MIB


def test_links_pipes_and_linked_folders_are_refused_and_not_followed(
    empty_home: Home, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(FOREST.format(year=2021, rate=47), encoding="utf-8")
    folder = empty_home.department("forestry")
    (folder / "link.csv").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.csv")
    outcomes = take_in(empty_home)
    assert {name: o.submissions[0].reason_code for name, o in outcomes.items()} == {
        "link.csv": "not_a_regular_file",
        "folder": "not_a_regular_file",
        "pipe.csv": "not_a_regular_file",
    }
    assert all(o.receipt is not None for o in outcomes.values())
    assert [p.name for p in folder.iterdir()] == ["receipts"]
    assert secret.exists()
    assert list(empty_home.archive.rglob("*")) == []


def test_a_file_beside_the_departments_folders_is_refused_with_a_receipt(
    empty_home: Home,
) -> None:
    drop(empty_home, "lost.csv", FOREST.format(year=2021, rate=47))
    drop(empty_home, "nobody/lost too.csv", FOREST.format(year=2021, rate=48))
    outcomes = take_in(empty_home)
    assert {o.submissions[0].reason_code for o in outcomes.values()} == {"unknown_department"}
    assert all(o.receipt is not None and o.receipt.exists() for o in outcomes.values())
    assert take_in(empty_home) == {}


def test_a_very_long_name_is_taken_like_any_other(empty_home: Home) -> None:
    name = "森" * 83 + ".csv"  # 253 bytes of the 255 that a file system allows
    path = drop(empty_home, f"forestry/{name}", FOREST.format(year=2021, rate=47))
    outcome = take_in(empty_home)[name]
    assert outcome.outcome == "taken"
    assert not path.exists()
    assert outcome.receipt is not None
    assert outcome.receipt.exists()


def test_two_intakes_at_once_take_each_file_once(empty_home: Home) -> None:
    for i in range(12):
        drop(empty_home, f"forestry/{i}.csv", FOREST.format(year=2000 + i, rate=40 + i))
    found: list[FileOutcome] = []

    def run() -> None:
        found.extend(Intake(empty_home, load_contracts(), "test").run(settle_seconds=0))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [o.file_name for o in found if o.outcome == "taken"]
    assert sorted(taken) == sorted(f"{i}.csv" for i in range(12))
    moments = [s.received for s in submissions(empty_home)]
    assert moments == sorted(set(moments))


def test_our_own_failure_keeps_the_file_and_lets_the_others_through(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = drop(empty_home, "forestry/a.csv", FOREST.format(year=2021, rate=47))
    drop(empty_home, "forestry/b.csv", FOREST.format(year=2022, rate=48))
    read = service.read_archived

    def failing(*arguments: object, file_name: str, **named: object) -> object:
        if file_name == "a.csv":
            raise RuntimeError("disk on fire")
        return read(*arguments, file_name=file_name, **named)

    monkeypatch.setattr(service, "read_archived", failing)
    outcomes = take_in(empty_home)
    assert (outcomes["a.csv"].outcome, outcomes["b.csv"].outcome) == ("failed", "taken")
    assert "disk on fire" in (outcomes["a.csv"].error or "")
    assert kept.exists()
    [note] = empty_home.receipts("forestry").glob("*a.csv.*")
    assert "disk" not in note.read_text("utf-8")
    monkeypatch.undo()
    assert take_in(empty_home)["a.csv"].outcome == "taken"


def test_the_marked_table_corrected_in_place_is_accepted(empty_home: Home) -> None:
    drop(empty_home, "forestry/a.csv", "年份,区域,森林覆盖率\n2021,全县,47\n2021,月球,46\n")
    outcome = take_in(empty_home)["a.csv"]
    assert outcome.receipt is not None
    assert outcome.receipt.suffix == ".html"
    [marked] = outcome.receipt.parent.glob("*a.csv.*.xlsx")
    workbook = openpyxl.load_workbook(marked)
    [cell] = [c for row in workbook.worksheets[0].iter_rows() for c in row if c.value == "月球"]
    assert "月球" in cell.comment.text
    cell.value = "凤城镇"
    workbook.save(empty_home.department("forestry") / "改好了.xlsx")
    [submission] = take_in(empty_home)["改好了.xlsx"].submissions
    assert (submission.status, submission.rows_accepted) == ("accepted", 2)


def test_a_filled_template_is_accepted_as_it_is(empty_home: Home) -> None:
    contracts = load_contracts()
    for code in contracts.departments:
        for name, content in templates(code, contracts):
            drop(empty_home, f"{code}/{name}", content)
    outcomes = Intake(empty_home, contracts, "test").run(settle_seconds=0)
    codes = {s.reason_code for o in outcomes for s in o.submissions}
    assert codes == {"no_data_rows"}, "an untouched template holds an example row and no data"


def test_a_later_file_replaces_keys_and_a_deletion_withdraws_them(empty_home: Home) -> None:
    drop(empty_home, "forestry/1.csv", FOREST.format(year=2021, rate=47))
    drop(empty_home, "forestry/2.csv", "年份,区域,森林覆盖率,操作\n2021,全县,,删除\n")
    outcomes = take_in(empty_home)
    assert [o.submissions[0].status for o in outcomes.values()] == ["accepted", "accepted"]
