"""The home of a region: its folders, its counties, and how the last load of each ended."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from warehouse.home.files import write_text
from warehouse.home.layout import Home
from warehouse.home.records import JsonRecord, mapping_of, tuple_of

Result = Literal["published", "unchanged", "refused", "failed"]
_CODE = re.compile(r"[0-9A-Za-z_-]+")
_RECORD = "region.json"


class RegionError(RuntimeError):
    """The region cannot be used as it is; the message says what to do."""


@dataclass(frozen=True)
class Member(JsonRecord):
    """A county of the region: its code, its name, and the folder of its data home.

    A folder below the region's is kept as a path from there, so that the whole can be moved.
    """

    code: str
    name_zh: str
    home: str


@dataclass(frozen=True)
class _List(JsonRecord):
    parsers: ClassVar = {"counties": tuple_of(Member)}

    name_zh: str
    counties: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Load(JsonRecord):
    """How the last load of a county ended; `since` is the first of the loads in a row that did not
    end well, `problems` says why, in the words of the load.
    """

    parsers: ClassVar = {"problems": tuple}

    result: Result
    since: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether what is published is the county's present."""
        return self.result in ("published", "unchanged")


@dataclass(frozen=True)
class _Loads(JsonRecord):
    parsers: ClassVar = {"counties": mapping_of(Load)}

    counties: dict[str, Load]


@dataclass(frozen=True)
class Region:
    """A region: the paths below `root`, its name and its counties in the order of their codes."""

    root: Path
    name_zh: str
    members: tuple[Member, ...] = ()

    @property
    def database(self) -> Path:
        """The published DuckDB file of the region."""
        return self.root / "published" / "eco.duckdb"

    @property
    def report(self) -> Path:
        """The published pages of the region."""
        return self.root / "published" / "report"

    @property
    def state(self) -> Path:
        """Lock, results of the last loads, their output."""
        return self.root / "state"

    @property
    def lock(self) -> Path:
        """The lock of the region's load."""
        return self.state / "region.lock"

    @property
    def logs(self) -> Path:
        """What the last load of each county printed, a file each."""
        return self.state / "logs"

    def home_of(self, member: Member) -> Home:
        """Return the data home of a county."""
        return Home.at(self.root / member.home)

    def loads(self) -> dict[str, Load]:
        """Return how the last load of each county ended, by code; of some there is none yet."""
        path = self.state / "loads.json"
        if not path.exists():
            return {}
        return dict(_Loads.from_json(path.read_bytes()).counties)

    def record_loads(self, loads: dict[str, Load]) -> None:
        """Keep how the last loads ended."""
        write_text(self.state / "loads.json", _Loads(counties=loads).to_json())


def at(root: str | os.PathLike[str]) -> Region:
    """Return the region at a path. Raises RegionError when there is none, or it is damaged."""
    folder = Path(root).expanduser().resolve()
    path = folder / _RECORD
    if not path.exists():
        raise RegionError(
            f"{folder} is no region. Create one with: eco region init --home {folder} --name NAME"
        )
    try:
        read = _List.from_json(path.read_bytes())
    except (ValueError, TypeError) as error:
        raise RegionError(
            f"{path} cannot be read: {error}. Restore it from a backup, or remove it and run "
            "eco region init and add again; the counties' homes are not touched"
        ) from error
    return Region(folder, read.name_zh, read.counties)


def create(root: str | os.PathLike[str], name_zh: str) -> Region:
    """Create a region, or give the one that is there another name; return it."""
    folder = Path(root).expanduser().resolve()
    if Home.at(folder).manifests.is_dir():
        raise RegionError(f"{folder} is the data home of a county; choose another folder")
    members = at(folder).members if (folder / _RECORD).exists() else ()
    return _write(folder, name_zh, members)


def add(region: Region, home: Home, code: str, name_zh: str) -> Region:
    """Add a county, or give the one of that code another name or home; return the region.

    Raises RegionError for a code that is none, and for a name or home that another county has.
    """
    if not _CODE.fullmatch(code):
        raise RegionError(f"the code '{code}' has other signs than letters, digits, - and _")
    root = home.root
    inside = root.is_relative_to(region.root)
    member = Member(code=code, name_zh=name_zh, home=str(_below(root, region) if inside else root))
    others = [each for each in region.members if each.code != code]
    for other in others:
        if other.name_zh == name_zh:
            raise RegionError(f"{other.code} is called '{name_zh}' already; give another --name")
        if region.home_of(other) == home:
            raise RegionError(f"{root} is the home of {other.code} {other.name_zh} already")
    return _write(region.root, region.name_zh, [*others, member])


def _below(root: Path, region: Region) -> Path:
    return root.relative_to(region.root)


def _write(folder: Path, name_zh: str, members: Iterable[Member]) -> Region:
    ordered = tuple(sorted(members, key=lambda member: member.code))
    write_text(folder / _RECORD, _List(name_zh=name_zh, counties=ordered).to_json())
    return Region(folder, name_zh, ordered)


def concluded(before: Load | None, now: Load, moment: str) -> Load:
    """Return how a load ended, with the moment since which the county's loads do not end well."""
    if now.is_good:
        return replace(now, since=None)
    since = before.since if before is not None and not before.is_good else None
    return replace(now, since=since or moment)
