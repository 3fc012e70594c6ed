"""The manifest of a publication and the records of its releases and rollbacks.

Belongs here: the content of these records. `publication.current` knows the files that hold them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Self

from warehouse.home import clock
from warehouse.home.records import Json, JsonRecord, mapping_of, tuple_of

STAMP_FORMAT = "%Y%m%dT%H%M%S%fZ"


def new_stamp(now: datetime | None = None) -> str:
    """Return the name of a publication: its UTC time, so that names sort by time."""
    return (now or clock.now()).strftime(STAMP_FORMAT)


def stamp_time(stamp: str) -> datetime:
    """Return the UTC time in a publication's name. Raises ValueError when it is no such name."""
    return datetime.strptime(stamp, STAMP_FORMAT).replace(tzinfo=UTC)


@dataclass(frozen=True)
class VisibleData(JsonRecord):
    """The county's day, and the numbers of submissions that a build sees and of those held.

    Two publications that saw the same count as one for their successors.
    """

    today: str
    submissions: int
    held: int = 0

    @classmethod
    def of(cls, today: date, submissions: int, held: int = 0) -> Self:
        """Return the record of a day and of numbers of submissions."""
        return cls(today.isoformat(), submissions, held)


@dataclass(frozen=True)
class BuildInfo(JsonRecord):
    """How a publication's build was made.

    `as_of` is the moment that was asked for (None: the present), `year` the year whose status is
    shown (None: the latest); `inputs` is the digest of all that the build follows from, `moment`
    the moment as of which it sees everything; `demonstration` says of a home with made-up data that
    it is one. Moments are ISO 8601 in UTC.
    """

    parsers: ClassVar = {"seen": VisibleData.from_dict}
    omitted_when_none = frozenset(
        {"software_version", "run_id", "inputs", "moment", "seen", "demonstration"}
    )

    software_version: str | None = None
    run_id: str | None = None
    as_of: str | None = None
    year: int | None = None
    inputs: str | None = None
    moment: str | None = None
    seen: VisibleData | None = None
    demonstration: str | None = None


@dataclass(frozen=True)
class TableFingerprint(JsonRecord):
    """Number of rows of a table, and a sum over hashes of its rows in any order."""

    rows: int
    fingerprint: str


@dataclass(frozen=True)
class TableChange(JsonRecord):
    """Numbers of rows of a table before and after, and of those that differ."""

    omitted_when_none = frozenset({"rows_added", "rows_withdrawn", "rows_changed"})

    rows_before: int | None
    rows_after: int
    rows_added: int | None = None
    rows_withdrawn: int | None = None
    rows_changed: int | None = None


@dataclass(frozen=True)
class SchemaChange(JsonRecord):
    """A table or column that was added, removed, or changed its type (`changes.KINDS`)."""

    omitted_when_none = frozenset({"column"})

    table: str
    change: str
    column: str | None = None


@dataclass(frozen=True)
class Changes(JsonRecord):
    """The changes of a publication; `against` is the stamp of the one before, None for none."""

    parsers: ClassVar = {
        "tables_added": tuple,
        "tables_removed": tuple,
        "tables_changed": mapping_of(TableChange),
        "schema": tuple_of(SchemaChange),
    }

    against: str | None = None
    tables_added: tuple[str, ...] = ()
    tables_removed: tuple[str, ...] = ()
    tables_changed: Mapping[str, TableChange] = field(default_factory=dict)
    schema: tuple[SchemaChange, ...] = ()


@dataclass(frozen=True)
class Checks(JsonRecord):
    """The results of a candidate's checks; `success` is whether it may be published."""

    parsers: ClassVar = {"results": tuple}

    success: bool
    results: tuple[Mapping[str, Json], ...] = ()


@dataclass(frozen=True)
class Rollback(JsonRecord):
    """An earlier publication that was published again.

    `instead_of` is the stamp of the newest state of the data, `replaced` (JSON key `from`) that of
    the publication which readers saw until then, `at` the moment (ISO 8601, UTC).
    """

    omitted_when_none = frozenset({"software_version"})

    stamp: str
    instead_of: str | None
    replaced: str | None
    at: str
    reason: str
    software_version: str | None = None

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the record of a JSON object. Raises ValueError when a key is missing."""
        return super().from_dict(
            {("replaced" if key == "from" else key): value for key, value in content.items()}
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        content = super().to_dict()
        return {("from" if key == "replaced" else key): value for key, value in content.items()}


@dataclass(frozen=True)
class PublicationManifest(JsonRecord):
    """The record of a publication: its name, its build, its tables, their changes and checks.

    In JSON the keys of `build` are at the top level, too. `sha256` is that of the database; the
    manifest inside the database has none. `rollback` is set while one is in force.
    """

    parsers: ClassVar = {
        "build": BuildInfo.from_dict,
        "tables": mapping_of(TableFingerprint),
        "changes": Changes.from_dict,
        "checks": Checks.from_dict,
        "rollback": Rollback.from_dict,
    }
    omitted_when_none = frozenset({"checks", "sha256", "rollback"})

    stamp: str
    built_at: str
    schema_version: str
    build: BuildInfo = field(default_factory=BuildInfo)
    tables: Mapping[str, TableFingerprint] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    checks: Checks | None = None
    sha256: str | None = None
    rollback: Rollback | None = None

    @property
    def data_until(self) -> datetime:
        """Moment up to which the publication shows the data: `as_of`, else when it was built."""
        return datetime.fromisoformat(self.build.as_of or self.built_at)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the record of a JSON object. Raises ValueError when a key is missing."""
        build = {key: value for key, value in content.items() if key in _BUILD_KEYS}
        others = {key: value for key, value in content.items() if key not in _BUILD_KEYS}
        return super().from_dict({**others, "build": build})

    def to_dict(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        content: dict[str, Any] = {}
        for key, value in super().to_dict().items():
            content |= value if key == "build" else {key: value}
        return content


_BUILD_KEYS = frozenset(each.name for each in fields(BuildInfo)) - {"extra"}


@dataclass(frozen=True)
class Release(JsonRecord):
    """A line of the log of releases: the publication that readers saw from a moment on.

    `rolled_back_at` and `reason` are those of the rollback that the release is, if it is one;
    `tables` are numbers of rows by table.
    """

    stamp: str
    rolled_back_at: str | None
    released_at: str
    reason: str | None
    built_at: str | None
    software_version: str | None
    schema_version: str | None
    as_of: str | None
    year: int | None
    sha256: str | None
    tables: Mapping[str, int]
    checks_passed: bool


@dataclass(frozen=True)
class Snapshot:
    """A publication that is kept.

    `current` is whether readers see it, `whole` whether its database is there; only a rollback
    compares checksums.
    """

    manifest: PublicationManifest
    current: bool
    whole: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as a JSON object with the further keys `current` and `whole`."""
        return {**self.manifest.to_dict(), "current": self.current, "whole": self.whole}
