"""Worker processes: what they may not do, and what a file that ends one costs."""

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from orchestration.cli import eco
from orchestration.intake.outcome import FileOutcome
from orchestration.intake.service import Intake
from orchestration.monitoring.health import examine
from orchestration.workers.pool import ReadTable, WorkerError, Workers, shared
from sources.contracts import load_contracts
from sources.limits import MIB
from sources.read_file import read_file
from tests.tools.faulty_worker import FORBIDDEN
from warehouse.home.layout import Home
from warehouse.lake.index import submissions
from warehouse.lake.submissions import Submission, archive_path, find

FOREST = "年份,区域,森林覆盖率\n{year},全县,47\n"
SECONDS = 4


@pytest.fixture(scope="module")
def faulty() -> Iterator[Workers]:
    workers = Workers(memory_bytes=600 * MIB, seconds=SECONDS, module="tests.tools.faulty_worker")
    yield workers
    workers.close()


def drop(home: Home, name: str, content: str | bytes) -> Path:
    path = home.department("forestry") / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def take_in(home: Home, workers: Workers, version: str = "test") -> dict[str, FileOutcome]:
    intake = Intake(home, load_contracts(), version, workers)
    return {o.file_name: o for o in intake.run(settle_seconds=0)}


def stopped(home: Home, submission: Submission) -> dict[str, Any]:
    """How the reading of a file was stopped, as its manifest says."""
    committed = find(home, submission.submission_id)
    assert committed is not None
    return dict(committed.details["stopped"])


def test_a_file_that_ends_its_worker_costs_that_file_alone(
    empty_home: Home, faulty: Workers
) -> None:
    causes = {"abort": "crash", "hang": "time", "memory": "memory", "native": "memory"}
    for name in causes:
        drop(empty_home, f"{name}.csv", name)
    for year in range(2010, 2020):
        drop(empty_home, f"{year}.csv", FOREST.format(year=year))
    outcomes = take_in(empty_home, faulty)
    assert len(outcomes) == 14
    assert {o.outcome for o in outcomes.values()} == {"taken"}
    for year in range(2010, 2020):
        assert outcomes[f"{year}.csv"].submissions[0].status == "accepted"
    for name, cause in causes.items():
        [submission] = outcomes[f"{name}.csv"].submissions
        assert (submission.status, submission.reason_code) == ("refused", "reading_stopped")
        how = stopped(empty_home, submission)
        assert how["cause"] == cause, how
        [receipt] = empty_home.receipts("forestry").glob(f"{name}.csv.*.txt")
        text = receipt.read_text("utf-8")
        assert "无法读取" in text and "另存为新的 XLSX 或 CSV 后重新上传" in text
        assert archive_path(empty_home, submission.sha256).read_bytes() == name.encode()
    [aborted] = outcomes["abort.csv"].submissions
    assert "SIGABRT" in stopped(empty_home, aborted)["details"]
    assert take_in(empty_home, faulty) == {}, "nothing of it waits in landing"

    report = examine(empty_home)
    assert {f.file_name for f in report.facts.unreadable_files} == {
        f"{name}.csv" for name in causes
    }
    assert "files_unreadable" in {reason.code for reason in report.reasons}
    status = CliRunner().invoke(eco, ["status", "--home", str(empty_home.root)]).output
    assert "files that cannot be read, set aside: 4" in status
    assert "forestry/hang.csv, received" in status

    begun = time.monotonic()
    drop(empty_home, "again.csv", "hang")
    assert take_in(empty_home, faulty)["again.csv"].outcome == "known"
    assert time.monotonic() - begun < SECONDS, "the same bytes are not read again"
    drop(empty_home, "hang.csv", FOREST.format(year=2021))
    take_in(empty_home, faulty)
    assert "hang.csv" not in {f.file_name for f in examine(empty_home).facts.unreadable_files}


def test_with_other_limits_a_file_that_could_not_be_read_is_read_again(
    empty_home: Home, faulty: Workers
) -> None:
    content = "abort,年份,区域,森林覆盖率\nx,2020,全县,46\n"
    drop(empty_home, "a.csv", content)
    [refused] = take_in(empty_home, faulty)["a.csv"].submissions
    drop(empty_home, "a.csv", content)
    outcome = take_in(empty_home, shared())["a.csv"]
    assert (outcome.outcome, outcome.submissions[0].status) == ("taken", "accepted")
    assert {s.submission_id for s in submissions(empty_home)} == {
        refused.submission_id,
        outcome.submissions[0].submission_id,
    }
    assert examine(empty_home).facts.unreadable_files == ()


def test_a_worker_may_do_nothing_but_read_and_answer(
    empty_home: Home, faulty: Workers, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    drop(empty_home, "a.csv", f"probe {secret}")
    [submission] = take_in(empty_home, faulty)["a.csv"].submissions
    assert submission.rows_read == 0, f"allowed: {submission.reason_zh}"
    assert submission.reason_code == "no_data_rows"
    assert len(FORBIDDEN) > 8
    assert secret.read_text("utf-8") == "secret"


def test_a_killed_worker_is_replaced_and_its_file_taken_in(
    empty_home: Home, faulty: Workers
) -> None:
    drop(empty_home, "slow.csv", "hang")

    def kill() -> None:
        while not (busy := children()):
            time.sleep(0.05)
        time.sleep(0.5)
        for process in busy:
            os.kill(process, signal.SIGKILL)

    def children() -> list[int]:
        found = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        return [
            int(p) for p in found if b"faulty_worker" in Path(f"/proc/{p}/cmdline").read_bytes()
        ]

    killer = Thread(target=kill)
    killer.start()
    [submission] = take_in(empty_home, faulty)["slow.csv"].submissions
    killer.join()
    how = stopped(empty_home, submission)
    assert how["cause"] == "time", "it was read again after the kill"


def as_before(table: ReadTable, rows: bytes) -> dict[str, object]:
    """Return what a worker found as `read_file` in this process would."""
    parts = [rows[f.offset : f.offset + f.size_bytes] for f in table.rows.accepted]
    return {
        "summary": table.summary,
        "accepted": sum(pl.read_parquet(part).height for part in parts),
        "rejected": table.rows.rejected.rows if table.rows.rejected else 0,
    }


def test_a_worker_finds_what_reading_in_this_process_finds(tmp_path: Path) -> None:
    contracts, path = load_contracts(), tmp_path / "a.csv"
    path.write_text(FOREST.format(year=2020) + "2021,月球,46\n2022,全县,47.5\n", encoding="utf-8")
    named = {"file_name": "a.csv", "department": "forestry", "contracts": contracts}
    moment = datetime(2022, 6, 1, 9)
    [here] = read_file(path, received=moment, **named)
    assert "period_not_over" in [f["code"] for f in here.findings]
    with tempfile.TemporaryFile() as target:
        [there] = shared().read(path, target, sha256="ab", moment=moment, **named)
        target.seek(0)
        found = as_before(there, target.read())
    assert found == {
        "summary": json.loads(json.dumps(here.summary())),
        "accepted": here.accepted.height,
        "rejected": here.rejected.height,
    }


def test_no_worker_is_no_files_fault(empty_home: Home) -> None:
    drop(empty_home, "a.csv", FOREST.format(year=2020))
    broken = Workers(memory_bytes=600 * MIB, seconds=SECONDS, module="no.such.module")
    outcome = take_in(empty_home, broken)["a.csv"]
    assert outcome.outcome == "failed"
    assert "no worker process can be started" in (outcome.error or "")
    assert (empty_home.department("forestry") / "a.csv").exists()
    with pytest.raises(WorkerError), tempfile.TemporaryFile() as target:
        broken.read(
            Path("/dev/null"),
            target,
            file_name="a",
            department="forestry",
            sha256="",
            moment=datetime(2026, 11, 27),
            contracts=load_contracts(),
        )
