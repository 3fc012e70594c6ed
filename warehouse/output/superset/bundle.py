"""The bundle itself: a ZIP of YAML files as Superset's import of dashboards takes them.

Everything has an identifier that follows from its name and county, so that a second import
doubles nothing.
Marts and columns that are not public are left out.
"""

import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from sources.contracts import load_contracts
from warehouse.output.superset.charts import Chart, form_data, format_of, title_of
from warehouse.output.superset.declared import (
    Dashboard,
    Declarations,
    Filter,
    check,
    read_declarations,
)
from warehouse.publication.marts import SCHEMA, Mart

BUNDLE = "eco_superset.zip"
_VERSION = "1.0.0"
# Every file of a bundle has this time, so that equal declarations give equal bytes.
_TIME = (2020, 1, 1, 0, 0, 0)
_WRITTEN = "2020-01-01T00:00:00+00:00"
_DATES = ("date", "timestamp")
_TYPES = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "double": "DOUBLE PRECISION",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


def duckdb_uri(database: Path) -> str:
    """Return the address of a published file for SQLAlchemy, opened read-only."""
    return f"duckdb:///{database.absolute()}?access_mode=read_only"


def write_bundle(target: Path, uri: str, marts: Mapping[str, Mart]) -> None:
    """Write the bundle for a database address of SQLAlchemy's form.

    `uri` is duckdb:////path/to/published/eco.duckdb or postgresql+psycopg2://user@host/database;
    the charts are the same. Raises DeclarationError.
    """
    declared = read_declarations()
    public = {name: mart for name, mart in marts.items() if mart.is_public}
    check(declared, public)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path, content in _files(declared, uri, public):
            entry = zipfile.ZipInfo(f"eco_indicators/{path}", date_time=_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(entry, yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def _files(
    declared: Declarations, uri: str, marts: Mapping[str, Mart]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield (
        "metadata.yaml",
        {"version": _VERSION, "type": "Dashboard", "timestamp": _WRITTEN},
    )
    yield "databases/eco.yaml", _database(uri)
    for mart in marts.values():
        yield f"datasets/eco/{mart.name}.yaml", _dataset(mart)
    for chart in declared.charts.values():
        yield f"charts/{chart.name}.yaml", _chart(chart, marts[chart.mart], declared)
    titles = {c.name: title_of(c, marts[c.mart]) for c in declared.charts.values()}
    for dashboard in declared.dashboards:
        yield f"dashboards/{dashboard.slug}.yaml", _dashboard(dashboard, declared, titles)


def _identity(kind: str, name: str) -> str:
    county = load_contracts().county.identifier
    space = uuid.uuid5(uuid.NAMESPACE_URL, f"{county}-eco-indicators/superset")
    return str(uuid.uuid5(space, f"{kind}/{name}"))


def _database(uri: str) -> dict[str, Any]:
    return {
        "database_name": f"{load_contracts().county.name_zh}生态文明指标数据仓库",
        "sqlalchemy_uri": uri,
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {"engine_params": {}, "metadata_params": {}},
        "uuid": _identity("database", "eco"),
        "version": _VERSION,
    }


def _dataset(mart: Mart) -> dict[str, Any]:
    names = mart.public_columns(mart.columns)
    dates = [name for name in names if mart.columns[name].data_type in _DATES]
    return {
        "table_name": mart.name,
        "main_dttm_col": "period_start" if "period_start" in dates else None,
        "description": mart.view_comment_zh,
        "default_endpoint": None,
        "offset": 0,
        "cache_timeout": None,
        "schema": SCHEMA,
        "sql": None if mart.public_rows == "true" else _public_rows(mart),
        "params": None,
        "template_params": None,
        "filter_select_enabled": True,
        "fetch_values_predicate": None,
        "extra": None,
        "uuid": _identity("dataset", mart.name),
        "metrics": [
            {
                "metric_name": metric.name,
                "verbose_name": f"{metric.title_zh}（{metric.unit}）",
                "metric_type": None,
                "expression": metric.expression,
                "description": metric.title_zh,
                "d3format": format_of(metric),
                "extra": {},
                "warning_text": None,
            }
            for metric in mart.metrics
        ],
        "columns": [
            {
                "column_name": name,
                "verbose_name": mart.columns[name].title_zh,
                "is_dttm": name in dates,
                "is_active": True,
                "type": _TYPES.get(mart.columns[name].data_type, "VARCHAR"),
                "groupby": True,
                "filterable": True,
                "expression": None,
                "description": mart.comment_zh(mart.columns[name]),
                "python_date_format": None,
                "extra": {},
            }
            for name in names
        ],
        "version": _VERSION,
        "database_uuid": _identity("database", "eco"),
    }


def _chart(chart: Chart, mart: Mart, declared: Declarations) -> dict[str, Any]:
    parameters = form_data(chart, mart, declared.palettes)
    return {
        "slice_name": title_of(chart, mart),
        "description": None,
        "viz_type": parameters["viz_type"],
        "params": parameters,
        "cache_timeout": None,
        "uuid": _identity("chart", chart.name),
        "version": _VERSION,
        "dataset_uuid": _identity("dataset", chart.mart),
    }


def _public_rows(mart: Mart) -> str:
    columns = ", ".join(f'"{name}"' for name in mart.public_columns(mart.columns))
    return f"select {columns} from {SCHEMA}.{mart.name} where {mart.public_rows}"


def _dashboard(
    dashboard: Dashboard, declared: Declarations, titles: Mapping[str, str]
) -> dict[str, Any]:
    names = [name for row in dashboard.rows for name, _, _ in row]
    numbers = {name: number for number, name in enumerate(names, start=1)}
    return {
        "dashboard_title": dashboard.title,
        "description": dashboard.description,
        "css": "",
        "slug": dashboard.slug,
        "certified_by": None,
        "certification_details": None,
        "published": True,
        "uuid": _identity("dashboard", dashboard.slug),
        "position": _position(dashboard, titles, numbers),
        "metadata": {
            "show_native_filters": True,
            "refresh_frequency": 300,
            "expanded_slices": {},
            "label_colors": {
                label: color for each in declared.palettes.values() for label, color in each.items()
            },
            "native_filter_configuration": [
                _filter(dashboard, each, numbers) for each in dashboard.filters
            ],
        },
        "version": _VERSION,
    }


def _position(
    dashboard: Dashboard, titles: Mapping[str, str], numbers: Mapping[str, int]
) -> dict[str, Any]:
    rows = [f"ROW-{number}" for number in range(1, len(dashboard.rows) + 1)]
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title}},
    }
    for row, cells in zip(rows, dashboard.rows, strict=True):
        position[row] = {
            "type": "ROW",
            "id": row,
            "children": [f"CHART-{name}" for name, _, _ in cells],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for name, width, height in cells:
            position[f"CHART-{name}"] = {
                "type": "CHART",
                "id": f"CHART-{name}",
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row],
                "meta": {
                    "chartId": numbers[name],
                    "uuid": _identity("chart", name),
                    "sliceName": titles[name],
                    "width": width,
                    "height": height,
                },
            }
    return position


def _filter(dashboard: Dashboard, each: Filter, numbers: Mapping[str, int]) -> dict[str, Any]:
    chosen: Sequence[str] = each.chosen
    condition = {"filters": [{"col": each.column, "op": "IN", "val": list(chosen)}]}
    return {
        "id": f"NATIVE_FILTER-{_identity('filter', f'{dashboard.slug}/{each.title}')}",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "name": each.title,
        "description": "",
        "targets": [
            {"datasetUuid": _identity("dataset", each.mart), "column": {"name": each.column}}
        ],
        "controlValues": {
            "multiSelect": True,
            "enableEmptyFilter": False,
            "inverseSelection": False,
            "searchAllOptions": True,
        },
        "defaultDataMask": {
            "extraFormData": condition if chosen else {},
            "filterState": {"value": list(chosen)} if chosen else {},
            "ownState": {},
        },
        "cascadeParentIds": [],
        "scope": {
            "rootPath": ["ROOT_ID"],
            # Scoped to the charts of its mart: a column of the same name elsewhere stays as it is.
            "excluded": [number for name, number in numbers.items() if name not in each.charts],
        },
    }
