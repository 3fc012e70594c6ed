"""The layout of a data home: the paths of its files and folders, and its locks.

Belongs here: paths, creating folders, locks. The content of the files belongs to other rooms.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from warehouse.home import state
from warehouse.home.folders import own_folder
from warehouse.home.locks import LockTimeout, file_lock

RECEIPTS = "receipts"


class HomeError(RuntimeError):
    """The data home cannot be used as it is; the message says what to do."""


@dataclass(frozen=True)
class Home:
    """A data home: the paths below `root`, which is absolute."""

    root: Path

    @classmethod
    def at(cls, root: str | os.PathLike[str]) -> "Home":
        """Return the home at a path, which need not exist yet."""
        return cls(Path(root).expanduser().resolve())

    @property
    def landing(self) -> Path:
        """Files of the departments that wait for intake: one folder per department."""
        return self.root / "landing"

    @property
    def archive(self) -> Path:
        """Raw bytes as received, content-addressed, never changed."""
        return self.root / "archive"

    @property
    def lake(self) -> Path:
        """Accepted rows as Parquet."""
        return self.root / "lake"

    @property
    def manifests(self) -> Path:
        """One JSON file per submission: its commit record."""
        return self.lake / "_manifests"

    @property
    def holds(self) -> Path:
        """Decisions to hold and to release submissions, a record each."""
        return self.lake / "_holds"

    @property
    def demonstration(self) -> Path:
        """The mark of a home whose data is made up."""
        return self.lake / "_demonstration.json"

    @property
    def quarantine(self) -> Path:
        """Rejected rows as Parquet."""
        return self.root / "quarantine"

    @property
    def published(self) -> Path:
        """All that readers open."""
        return self.root / "published"

    @property
    def database(self) -> Path:
        """The published DuckDB file."""
        return self.published / "eco.duckdb"

    @property
    def snapshots(self) -> Path:
        """Publications that are kept, one folder per stamp."""
        return self.published / "snapshots"

    @property
    def report(self) -> Path:
        """Static pages: report and Data Docs."""
        return self.published / "report"

    @property
    def bulletins(self) -> Path:
        """Editions of 日警示, 周分析 and 月通报 as they were issued, and the log of issues."""
        return self.published / "bulletins"

    @property
    def open_data(self) -> Path:
        """The marts as files for the public."""
        return self.published / "open_data"

    @property
    def superset(self) -> Path:
        """The bundle of dashboards that Superset imports."""
        return self.published / "superset"

    @property
    def state(self) -> Path:
        """Work files: Dagster's home, dbt's target, the build, records of work under way."""
        return self.root / "state"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.state / "dagster"

    @property
    def last_load(self) -> Path:
        """Result of the last load."""
        return self.state / "last_load.json"

    @property
    def last_backup(self) -> Path:
        """Record of the last backup that was taken."""
        return self.state / "last_backup.json"

    @property
    def health(self) -> Path:
        """Files for monitoring: health.json, and eco.prom for Prometheus."""
        return self.state / "health"

    @property
    def alert_settings(self) -> Path:
        """Channels and recipients of alerts; the data team edits it."""
        return self.root / "alerts.yml"

    @property
    def plan(self) -> Path:
        """The tables of the county's own plan; the county may supply them (docs/regions.md)."""
        return self.root / "plan"

    @property
    def boundaries(self) -> Path:
        """Outlines of the townships for the report's map (GeoJSON); the county may supply it."""
        return self.root / "townships.geojson"

    @property
    def alerts(self) -> Path:
        """Alerts that are active, and the channels to which each was sent."""
        return self.state / "alerts.json"

    @property
    def logs(self) -> Path:
        """Logs for people."""
        return self.state / "logs"

    @property
    def dbt_target(self) -> Path:
        """dbt's target and log folder."""
        return self.state / "dbt"

    @property
    def intents(self) -> Path:
        """Records of files whose intake has begun and not finished."""
        return self.state / "intake"

    @property
    def build_database(self) -> Path:
        """The file that dbt builds into. Its stem is the catalog name that models see."""
        return self.state / "build" / "eco.duckdb"

    @property
    def kept(self) -> Path:
        """Results that builds reuse, by year of the lake. Derived: may be deleted at any time."""
        return self.state / "kept"

    @property
    def compact(self) -> Path:
        """Small files of the lake joined, for builds. Derived: may be deleted at any time."""
        return self.state / "compact"

    @property
    def submission_index(self) -> Path:
        """What the manifests say, in one file. Derived: may be deleted at any time."""
        return self.state / "submissions.index"

    @property
    def disk_use(self) -> Path:
        """Bytes of the files of each folder. Derived: may be deleted at any time."""
        return self.state / "disk_use.json"

    @property
    def candidates(self) -> Path:
        """The candidate for publication, in a folder named by its stamp."""
        return self.state / "candidates"

    def department(self, code: str) -> Path:
        """A department's landing folder."""
        return self.landing / code

    def receipts(self, code: str) -> Path:
        """A department's folder of receipts."""
        return self.landing / code / RECEIPTS

    def create(self, departments: Iterable[str]) -> None:
        """Create the folders that are missing. Raises HomeError when that is not possible."""
        folders = [
            self.archive,
            self.manifests,
            self.quarantine,
            self.snapshots,
            self.dagster,
            self.dbt_target,
            self.intents,
            self.build_database.parent,
            self.landing,
        ]
        try:
            state.mend(self.state)
            for folder in folders:
                folder.mkdir(parents=True, exist_ok=True)
            for code in departments:
                # What is no folder there is reported with the other obstacles in landing.
                with suppress(NotADirectoryError), own_folder(self.landing, (code, RECEIPTS)):
                    pass
        except OSError as error:
            raise HomeError(
                f"the data home {self.root} cannot be created: {error}. "
                "Choose another folder with --home or ECO_HOME, or correct its permissions."
            ) from error

    @property
    def restoring(self) -> Path:
        """File that exists while a restore is under way; it names the backup."""
        return self.root / ".restoring"

    def require(self) -> None:
        """Raise HomeError unless this is a data home; set damaged state files aside."""
        if self.restoring.exists():
            raise HomeError(
                f"restoring a backup into {self.root} was interrupted. "
                "Run the same eco restore again."
            )
        if not (self.landing.is_dir() and self.manifests.is_dir()):
            raise HomeError(
                f"{self.root} is not a data home. Create one with: eco init --home {self.root}"
            )
        state.mend(self.state)

    @contextmanager
    def lock(
        self,
        name: str,
        *,
        wait_seconds: float = 600,
        on_wait: Callable[[], object] = lambda: None,
    ) -> Iterator[None]:
        """Hold the home's lock of that name; it is released also when the process is killed.

        `on_wait` is called once when another process holds it. Raises HomeError when that lasts
        longer than `wait_seconds`.
        """
        path = self.state / f"{name}.lock"
        try:
            with file_lock(path, wait_seconds=wait_seconds, on_wait=on_wait):
                yield
        except LockTimeout:
            raise HomeError(
                f"another process is busy with '{name}' in {self.root} "
                f"(waited {wait_seconds:.0f} s). Try again when it has finished."
            ) from None
