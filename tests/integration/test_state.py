"""Damaged files under `state/`: the next command works, sets them aside and says so."""

import logging
import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration import instance as instance_module
from orchestration.cli import eco as command_line
from orchestration.monitoring.alerts import state as alert_state
from orchestration.monitoring.loads import last_load
from orchestration.nightly import run_nightly
from sources.contracts import load_contracts
from tests.conftest import Eco
from warehouse.home import files, state
from warehouse.home.layout import Home

SEED = 15


def _lose(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _zero(path: Path) -> None:
    path.write_bytes(bytes(max(path.stat().st_size, 1)))


def _randomize(path: Path) -> None:
    path.write_bytes(random.Random(SEED).randbytes(max(min(path.stat().st_size, 1 << 16), 64)))


def _make_folder(path: Path) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


WAYS: dict[str, Callable[[Path], None]] = {
    "lost": _lose,
    "cut": _cut,
    "zeroed": _zero,
    "random": _randomize,
    "a folder": _make_folder,
}
# Written by services and commands that no load runs; the intake's record is of an unfinished file.
OTHERS = {
    "serving.json": '{"stamp": "s", "error": null, "seconds": 1.0, "at": "2026-01-01T00:00:00"}',
    "last_backup.json": '{"stamp": "s"}',
    "intake/0123.json": '{"department": "forestry"}',
    "kept/air_quality_hourly/2025-0123-model.parquet": "PAR1",
    "compact/air_quality_hourly/2025-0123.parquet": "PAR1",
    "submissions.index": "x",
    "disk_use.json": "{}",
    "candidates/20260101T000000000000Z/candidate.json": "{}",
    "checks/checks-1/x.json": "{}",
    "reread/lake/x.parquet": "PAR1",
    "dagster/.telemetry": "x",
}


def _files(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield path.relative_to(root).as_posix()


@pytest.fixture(scope="module")
def saved(loaded: Eco, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of the loaded home with files of every kind. Read it only."""
    copy = tmp_path_factory.mktemp("saved") / "state"
    shutil.copytree(loaded.home.state, copy)
    for name, text in OTHERS.items():
        path = copy / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def home(saved: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home without submissions that has that state."""
    found = Home.at(tmp_path_factory.mktemp("state") / "home")
    found.create(load_contracts().departments)
    shutil.rmtree(found.state)
    shutil.copytree(saved, found.state)
    return found


def _by_entry(root: Path) -> dict[str, list[str]]:
    found = defaultdict(list)
    for name in _files(root):
        entry = state.entry_of(name)
        assert entry, f"state/{name}: describe it in warehouse/home/state.py"
        found[entry.path].append(name)
    return found


def test_every_file_of_a_loaded_home_is_described(loaded: Eco) -> None:
    found = set(_by_entry(loaded.home.state))
    assert found >= {"alerts.json", "dagster/history/", "dbt/", "*.lock"}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("entry", [e.path for e in state.ENTRIES if e.path != "damaged/"])
def test_commands_go_on_over_damaged_files(home: Home, saved: Path, entry: str, way: str) -> None:
    names = _by_entry(saved)[entry]
    assert names, f"no file of state/{entry} to damage"
    for name in names:
        files.remove(home.state / name)
        (home.state / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(saved / name, home.state / name)
        WAYS[way](home.state / name)
    for command in ("status", "ingest"):
        done = CliRunner().invoke(command_line, [command, "--home", str(home.root)])
        assert (done.exit_code, done.exception) == (0, None), done.output
    if way == "a folder" and not entry.endswith("/"):
        assert [name for name in names if (home.state / name).is_dir()] == [], "set aside"
        assert state.was_set_aside(home.state)


@pytest.mark.parametrize("way", WAYS)
def test_json_that_cannot_be_read_is_set_aside_and_named(
    empty_home: Home, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    empty_home.last_load.write_text('{"run_id": "1"}', encoding="utf-8")
    empty_home.alerts.write_text('{"standing": {}, "news": {}, "channels": {}}', encoding="utf-8")
    for path in (empty_home.last_load, empty_home.alerts):
        WAYS[way](path)
    with caplog.at_level(logging.WARNING):
        assert last_load(empty_home) is None
        assert alert_state.read(empty_home).entries() == []
    kept = list(_files(empty_home.state / state.DAMAGED))
    if way == "lost":
        assert not caplog.records
        return
    assert len(state.was_set_aside(empty_home.state)) == 2
    for path, record in zip((empty_home.last_load, empty_home.alerts), caplog.records, strict=True):
        assert str(path) in record.getMessage()
        assert "lost with it" in record.getMessage()
        assert way == "a folder" or any(name.endswith(path.name) for name in kept)
        assert not path.exists()


DATABASES = [f"dagster/{name}" for name in instance_module.DATABASES]


@pytest.fixture
def with_dagster(empty_home: Home, saved: Path) -> Home:
    """An empty home with the loaded home's Dagster files."""
    shutil.rmtree(empty_home.dagster)
    shutil.copytree(saved / "dagster", empty_home.dagster)
    return empty_home


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["dagster/dagster.yaml", *DATABASES])
def test_dagsters_damaged_files_are_set_aside(
    with_dagster: Home, name: str, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    WAYS[way](with_dagster.state / name)
    instance_module.mend(with_dagster)
    left = {path for path in DATABASES if (with_dagster.state / path).exists()}
    if name in DATABASES:
        assert left == set(), "a history that has gaps begins anew"
        assert "schedules and sensors run on" in caplog.text
    else:
        assert left == set(DATABASES)
        # Half of the settings may be settings: they are written again when Dagster is opened.
        assert way == "cut" or (way != "lost") == ("moved to" in caplog.text)
    caplog.clear()
    instance_module.mend(with_dagster)
    assert caplog.text == "", "once"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["cut", "zeroed", "random", "a folder"])
def test_a_runs_damaged_database_goes_alone(with_dagster: Home, way: str) -> None:
    [name] = {*(with_dagster.dagster / "history" / "runs").glob("*-*.db")}
    WAYS[way](name)
    instance_module.mend(with_dagster)
    assert not name.exists()
    assert all((with_dagster.state / path).exists() for path in DATABASES)


@pytest.mark.slow
@pytest.mark.whole_loads
def test_a_night_over_damaged_databases_ends_as_any(
    copy_of_loaded: Eco, caplog: pytest.LogCaptureFixture
) -> None:
    home = copy_of_loaded.home
    before = home.database.read_bytes()
    _zero(home.dagster / "dagster.yaml")
    for name, way in zip(DATABASES, (_randomize, _cut, _make_folder), strict=True):
        way(home.state / name)
    outcome = run_nightly(home)
    assert outcome.exit_code == 0, outcome.problems
    assert outcome.result == "published" or home.database.read_bytes() == before
    assert "dagster.yaml is damaged" in caplog.text
    assert "history" in caplog.text
    with instance_module.open_instance(home) as instance:
        assert [run.run_id for run in instance.get_runs()] == [outcome.run_id]
