"""The comparison of a region's counties: one static page in Chinese with the look of the report."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from warehouse.home.clock import county_time
from warehouse.home.demonstration import LABEL_ZH
from warehouse.home.files import write_text
from warehouse.region.layer import CountyState, Layer
from warehouse.region.members import Region
from warehouse.report.assets import remove_other_assets, write_assets
from warehouse.report.pages import FIRST_PAGE, style_sheet

_TEMPLATES = Path(__file__).parent / "templates"
_QUERIES = Path(__file__).parent / "page_queries"


def write(region: Region, layer: Layer) -> Path:
    """Write the page of the region's published file by an atomic replace; return it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    tables = _tables(region.database)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number_zh
    style = style_sheet()
    region.report.mkdir(parents=True, exist_ok=True)
    write_assets(region.report, [style])
    counties = [_county(state, tables["counties"]) for state in layer.counties]
    page = region.report / FIRST_PAGE
    text = environment.get_template("comparison.html.j2").render(
        region=region.name_zh,
        style=style,
        label=LABEL_ZH,
        built_at=county_time(layer.built_at),
        counties=counties,
        groups=list(_groups(tables)),
        demonstrations=[c["name_zh"] for c in counties if c["demonstration"]],
    )
    write_text(page, text)
    remove_other_assets(region.report, [style])
    return page


def number_zh(value: float | None) -> str:
    """Return a number with two decimals at most; an empty text where there is none."""
    if value is None or not math.isfinite(value):
        return ""
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _tables(database: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the results of the page's queries over the region's file, by their names."""
    found = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for path in sorted(_QUERIES.glob("*.sql")):
            result = connection.execute(path.read_text(encoding="utf-8"))
            columns = [column[0] for column in result.description or ()]
            found[path.stem] = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    return found


def _county(state: CountyState, counts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the page shows of a county, with moments in the county's time."""
    [numbers] = [row for row in counts if row["county_code"] == state.code]
    return {
        **numbers,
        "code": state.code,
        "name_zh": state.name_zh,
        "state_zh": state.state_zh,
        "is_kept": state.is_kept,
        "is_published": state.stamp is not None,
        "kept_since": county_time(state.kept_since) if state.kept_since else None,
        "published_at": county_time(state.published_at) if state.published_at else None,
        "demonstration": state.demonstration,
    }


def _groups(tables: Mapping[str, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Yield the two tables of indicators, each row with the values of the counties by code."""
    values: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    for row in tables["values"]:
        values.setdefault(_key(row), {})[row["county_code"]] = row
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in tables["indicators"]:
        kinds.setdefault(row["kind_zh"], []).append({**row, "by_county": values[_key(row)]})
    for kind_zh, rows in kinds.items():
        yield {"kind_zh": kind_zh, "rows": rows}


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("indicator_id", "kind", "name_zh", "unit", "direction"))
