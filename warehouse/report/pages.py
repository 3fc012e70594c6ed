"""Writing the pages: each a file with its data, beside the styles and scripts that all share."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sources.contracts import Contracts, load_contracts
from warehouse.home.clock import COUNTY_ZONE, county_day
from warehouse.home.files import write_text
from warehouse.publication.manifest import PublicationManifest, stamp_time
from warehouse.publication.marts import Mart
from warehouse.report.assets import Asset, joined, remove_other_assets, write_assets
from warehouse.report.boundaries import BoundaryError, read_boundaries
from warehouse.report.content import Content, packed
from warehouse.report.registry import Page, menu, pages
from warehouse.report.synonyms import synonyms

TEMPLATES = Path(__file__).parent / "templates"
FIRST_PAGE = "index.html"
EDITIONS_PAGE = "editions"
STYLES = ("base", "parts", "phone", "print")
# The scripts of every page, in the order in which they build on each other.
CORE = ("data", "address", "search", "grid", "filters", "listing", "frame")


@dataclass(frozen=True)
class IssuedEdition:
    """An edition of a bulletin that was issued; `file` is its address from the report's folder."""

    kind_zh: str
    period: str
    issued_at: str
    publication: str
    file: str


@dataclass(frozen=True)
class Surroundings:
    """What the pages show or need beyond the DuckDB file.

    `marts` are those that the dbt project declares (what of them is public), `contracts` gives the
    names of townships and quantities, `boundaries` the file with the outlines of the townships.
    """

    marts: Mapping[str, Mart]
    contracts: Contracts | None = None
    issued: Sequence[IssuedEdition] = field(default=())
    boundaries: Path | None = None


def embedded(content: Any) -> str:
    """Return JSON to be embedded in a script element: nothing in it can end the element.

    Raises ValueError for NaN and infinities.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def style_sheet() -> Asset:
    """Return the style sheet of all pages."""
    return joined("report", tuple(f"styles/{name}.css" for name in STYLES))


def _scripts(page: Page) -> list[Asset]:
    """Return the scripts of a page in the order in which they run: what all pages share is one."""
    core = joined("core", tuple(f"core/{name}.js" for name in CORE))
    return [core, *(joined(Path(name).name, (f"{name}.js",)) for name in page.scripts)]


def _local(moment: str | None) -> str | None:
    if not moment:
        return None
    return f"{datetime.fromisoformat(moment).astimezone(COUNTY_ZONE):%Y-%m-%d %H:%M}"


def _publication(manifest: PublicationManifest) -> dict[str, Any]:
    """Return what a page shows about its publication, with moments in the county's time."""
    before = manifest.changes.against
    return {
        "stamp": manifest.stamp,
        "day": county_day(manifest.data_until).isoformat(),
        "built_at": _local(manifest.built_at),
        "as_of": _local(manifest.build.as_of),
        "year": manifest.build.year,
        "software_version": manifest.build.software_version,
        "demonstration": manifest.build.demonstration,
        "before": _local(stamp_time(before).isoformat()) if before else None,
    }


def _editions(issued: Iterable[IssuedEdition]) -> dict[str, Any]:
    """Return the table of the issued editions, the newest first, as `Content.tables` does."""
    titles = {
        "kind_zh": "种类",
        "period": "期",
        "issued_at": "印发时间",
        "publication": "所依据的发布",
    }
    rows = [{**asdict(each), "issued_at": _local(each.issued_at)} for each in issued]
    rows.sort(key=lambda row: str(row["issued_at"]), reverse=True)
    columns = [*titles, "file"]
    return {
        "title": "",
        "columns": columns,
        "titles": [*titles.values(), "文件"],
        "rows": [[row[column] for column in columns] for row in rows],
        "total": len(rows),
    }


def _townships(surroundings: Surroundings) -> tuple[list[str], dict[str, Any]]:
    """Return the names of the townships and the map, or why there is none."""
    if surroundings.contracts is None:
        return [], {}
    areas = surroundings.contracts.areas
    names = list(areas.townships)
    if surroundings.boundaries is None or not surroundings.boundaries.exists():
        return names, {}
    try:
        return names, read_boundaries(surroundings.boundaries, areas).to_dict()
    except BoundaryError as error:
        return names, {"problem_zh": str(error)}


class _Writer:
    """Renders the pages of one DuckDB file."""

    def __init__(
        self,
        content: Content,
        manifest: PublicationManifest,
        surroundings: Surroundings,
        edition: Mapping[str, str] | None = None,
    ) -> None:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        self._content = content
        self._edition = edition
        self._publication = _publication(manifest)
        self._issued = surroundings.issued
        self._names, self._map = _townships(surroundings)
        known = surroundings.contracts
        self._synonyms = synonyms(known) if known and edition is None else []
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, page: Page) -> str:
        tables = self._content.tables(page)
        if page.name == EDITIONS_PAGE:
            tables["editions"] = _editions(self._issued)
        data = {
            "publication": self._publication,
            "edition": self._edition,
            "lists": [each.model_dump() for each in page.lists],
            "synonyms": self._synonyms,
            "townships": self._names,
            "boundaries": self._map if self._map.get("areas") else None,
            "tables": {name: table and packed(table) for name, table in tables.items()},
        }
        return self._environment.get_template(f"{page.template}.html.j2").render(
            county=load_contracts().county.name_zh,
            style=style_sheet(),
            scripts=_scripts(page),
            menu=menu(),
            page=page,
            publication=self._publication,
            edition=self._edition,
            boundaries={"areas": (), "problem_zh": "", "note_zh": "", **self._map},
            data=embedded(data),
        )


def write(
    database: Path,
    folder: Path,
    manifest: PublicationManifest,
    surroundings: Surroundings,
    *,
    only: Sequence[str] = (),
) -> None:
    """Write the pages of a DuckDB file into a folder, each by an atomic replace.

    `manifest` is that of the publication; `only` names pages, none means all. Raises
    UnreadableDatabase when the database cannot be opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = [page for name, page in pages().items() if not only or name in only]
    scripts = (each for page in written for each in _scripts(page))
    assets = list(dict.fromkeys([style_sheet(), *scripts]))
    write_assets(folder, assets)
    with Content(database, county_day(manifest.data_until), surroundings.marts) as content:
        writer = _Writer(content, manifest, surroundings)
        for page in written:
            write_text(folder / page.file, writer.render(page))
    if not only:
        remove_other_assets(folder, assets)


def write_edition(
    database: Path,
    target: Path,
    manifest: PublicationManifest,
    marts: Mapping[str, Mart],
    *,
    page: str,
    label: str,
    first: date,
    last: date,
) -> None:
    """Write a page for one period, `first` to `last`, without later data, as one file to be kept.

    Raises UnreadableDatabase when the database cannot be opened.
    """
    edition = {"label": label, "first": first.isoformat(), "last": last.isoformat()}
    with Content(database, last, marts) as content:
        writer = _Writer(content, manifest, Surroundings(marts), edition)
        write_text(target, writer.render(pages()[page]))
