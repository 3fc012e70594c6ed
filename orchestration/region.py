"""The load of a region: each county's own nightly load as a process, then the region's layer.

The counties share nothing: a process works in the county's data home as `eco nightly` does there,
with the county's own plan. A county whose load is refused or fails keeps its last publication.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from orchestration.dbt_build.engines import require_engine
from warehouse.home import clock
from warehouse.home.locks import file_lock
from warehouse.home.settings import (
    DagsterSettings,
    EngineSettings,
    HomeSettings,
    PlanSettings,
    ServingSettings,
)
from warehouse.region import layer, page
from warehouse.region.members import Load, Member, Region, RegionError, concluded

_ECO = "from orchestration.cli import main; main()"
_RESULTS = ("published", "unchanged", "refused", "failed")
_LISTED = 5  # last lines of the output of a load that gave no result


@dataclass(frozen=True)
class Loaded:
    """The load of one county: how it ended, and the seconds that it took."""

    member: Member
    load: Load
    seconds: float


@dataclass(frozen=True)
class RegionLoad:
    """The load of a region: its counties', and the region's layer with the seconds it took."""

    counties: tuple[Loaded, ...]
    layer: layer.Layer
    layer_seconds: float

    @property
    def exit_code(self) -> int:
        """0: all counties published or unchanged, 2: one was refused, 1: one failed."""
        results = {each.load.result for each in self.counties}
        return 1 if "failed" in results else 2 if "refused" in results else 0


def run_nightly(
    region: Region,
    *,
    processes: int | None = None,
    rebuild: bool = False,
    on_county: Callable[[Loaded], None] = lambda loaded: None,
    on_wait: Callable[[], object] = lambda: None,
) -> RegionLoad:
    """Load all counties of a region, `processes` at a time (default: as many as cores; one where
    they share a Spark server).

    `rebuild` builds counties anew that have nothing new. `on_county` is called as each ends.
    Raises RegionError when a setting is that of one home, and when no county has ever published.
    """
    _require_settings()
    require_engine()
    with file_lock(region.lock, on_wait=on_wait):
        done = []
        for loaded in _load_counties(region, processes or _side_by_side(), rebuild):
            done.append(loaded)
            on_county(loaded)
        before, moment = region.loads(), clock.now().isoformat()
        loads = {
            each.member.code: concluded(before.get(each.member.code), each.load, moment)
            for each in done
        }
        region.record_loads(loads)
        started = time.perf_counter()
        made = layer.publish(region)
        page.write(region, made)
        seconds = time.perf_counter() - started
        return RegionLoad(tuple(done), made, seconds)


def _require_settings() -> None:
    """Raise RegionError for a place where the counties would overwrite one another."""
    of_one_home = {
        DagsterSettings.variable("dagster_postgres"): DagsterSettings.load().dagster_postgres,
        ServingSettings.variable("serve_postgres"): ServingSettings.load().serve_postgres,
    }
    for name, value in of_one_home.items():
        if value:
            raise RegionError(
                f"{name} is set, and all counties of the region would write there: unset it, and "
                "set it in the counties' own services"
            )


def _side_by_side() -> int:
    """Return how many counties are loaded at once: one where they share a Spark server."""
    settings = EngineSettings.load()
    if settings.engine == "spark" and settings.spark_remote:
        return 1
    return len(os.sched_getaffinity(0))


def _load_counties(region: Region, processes: int, rebuild: bool) -> Iterator[Loaded]:
    """Yield the loads of all counties as they end."""
    region.logs.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(processes) as pool:
        started = [pool.submit(_load, region, member, rebuild) for member in region.members]
        for future in as_completed(started):
            yield future.result()


def _load(region: Region, member: Member, rebuild: bool) -> Loaded:
    """Run the nightly load of a county as a process; its messages go into the region's logs."""
    home = region.home_of(member)
    log = region.logs / f"{member.code}.log"
    command = [sys.executable, "-P", "-c", _ECO, "nightly", "--home", str(home.root), "--json"]
    started = time.perf_counter()
    with log.open("wb") as messages:
        done = subprocess.run(
            command + ["--rebuild"] * rebuild,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            env=_environment(),
            check=False,
        )
    return Loaded(member, _result(done.stdout, log), time.perf_counter() - started)


def _environment() -> dict[str, str]:
    """Return the environment of a county's load: home and plan are the county's own."""
    of_one_home = {HomeSettings.variable("home"), PlanSettings.variable("plan"), "DAGSTER_HOME"}
    return {name: value for name, value in os.environ.items() if name not in of_one_home}


def _result(output: bytes, log: Path) -> Load:
    """Return how a load ended by what it printed; one that printed no result has failed."""
    try:
        printed = json.loads(output)
        result, problems = printed["result"], tuple(map(str, printed["problems"]))
        if result in _RESULTS:
            return Load(result=result, problems=problems)
    except (ValueError, TypeError, KeyError):
        pass
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return Load(result="failed", problems=tuple(_last(lines)) or ("it ended without a result",))


def _last(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()][-_LISTED:]
