"""Writing the pages: template, style, scripts and data of each in one file."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from warehouse.home.clock import COUNTY_ZONE, county_day
from warehouse.home.files import write_text
from warehouse.publication.manifest import PublicationManifest
from warehouse.report.content import Content, pages

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"
FIRST_PAGE = "index.html"


def embedded(content: Any) -> str:
    """Return JSON to be embedded in a script element: nothing in it can end the element.

    Raises ValueError for NaN and infinities.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _last_day(manifest: PublicationManifest) -> date:
    """Return the last day in the county of which a publication shows data."""
    return county_day(manifest.data_until)


def _publication(manifest: PublicationManifest) -> dict[str, Any]:
    """Return what a page shows about its publication, with moments in the county's time."""

    def local(moment: str | None) -> str | None:
        if not moment:
            return None
        return f"{datetime.fromisoformat(moment).astimezone(COUNTY_ZONE):%Y-%m-%d %H:%M}"

    return {
        "stamp": manifest.stamp,
        "day": _last_day(manifest).isoformat(),
        "built_at": local(manifest.built_at),
        "as_of": local(manifest.build.as_of),
        "year": manifest.build.year,
        "software_version": manifest.build.software_version,
    }


def _render(
    content: Content,
    page: str,
    manifest: PublicationManifest,
    edition: Mapping[str, str] | None = None,
) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    publication = _publication(manifest)
    data = {"publication": publication, "edition": edition, "tables": content.tables(page)}
    return environment.get_template(f"{page}.html.j2").render(
        static=_static,
        pages=pages(),
        page=page,
        publication=publication,
        edition=edition,
        data=embedded(data),
    )


def write(database: Path, folder: Path, manifest: PublicationManifest) -> None:
    """Write the pages of a DuckDB file into a folder, each by an atomic replace.

    `manifest` is that of the publication. Raises UnreadableDatabase
    when the database cannot be opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Content(database, _last_day(manifest)) as content:
        for page in pages():
            write_text(folder / f"{page}.html", _render(content, page, manifest))


def write_edition(
    database: Path,
    target: Path,
    manifest: PublicationManifest,
    *,
    page: str,
    label: str,
    first: date,
    last: date,
) -> None:
    """Write a page for one period, `first` to `last`, without later data.

    Raises UnreadableDatabase when the database cannot be opened.
    """
    edition = {"label": label, "first": first.isoformat(), "last": last.isoformat()}
    with Content(database, last) as content:
        write_text(target, _render(content, page, manifest, edition))
