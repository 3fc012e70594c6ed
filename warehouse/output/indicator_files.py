"""A JSON and a CSV file per indicator, at addresses that stay: `indicators/<indicator_id>.json`.

The JSON file has what the indicator is (definition, unit, formula, source, licence), where it
stands, its years and all its values; the CSV file the values with milestone, target and status of
the county's years. `indicators/index.json` lists all.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from sources.contracts import Contracts
from warehouse.output.cells import safe_cell
from warehouse.output.public import records
from warehouse.publication.marts import Mart

FOLDER = "indicators"
_STANDING = (
    *("latest_year", "latest_value", "milestone_value", "progress_pct", "status", "status_zh"),
    *("target_in_force", "target_comparator", "target_source", "target_document_no"),
    *("baseline_2020", "starting_value", "target_2025"),
)
_ANNUAL = (
    *("year", "value", "basis", "milestone_value", "target_in_force", "progress_pct"),
    *("status", "status_zh"),
)
_VALUES = ("year", "area", "value", "basis", "is_flagged")
# Columns of the CSV file, titled as in the marts.
_OF_VALUES = ("indicator_id", "name_zh", "year", "area", "value", "unit", "basis")
_OF_YEARS = ("milestone_value", "target_in_force", "status_zh")
_CSV_QUERY = """
select
  coalesce(v.indicator_id, a.indicator_id) as indicator_id,
  coalesce(v.name_zh, a.name_zh) as name_zh,
  coalesce(v.year, a.year) as year,
  coalesce(v.area, a.area) as area,
  v.value,
  coalesce(v.unit, a.unit) as unit,
  v.basis,
  a.milestone_value,
  a.target_in_force,
  a.status_zh
from indicator_values as v
full join (
  select annual.*, areas.area from indicator_annual as annual cross join dim_area as areas
  where areas.kind = 'county'
) as a on v.indicator_id = a.indicator_id and v.year = a.year and v.area = a.area
order by indicator_id, year, area
"""


def _by_indicator(
    connection: duckdb.DuckDBPyConnection, query: str
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in records(connection, query):
        found[row["indicator_id"]].append(row)
    return found


def _without_id(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != "indicator_id"} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {value!r}")


def _write_json(path: Path, content: Any) -> Path:
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False, default=_plain)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _write_csv(path: Path, titles: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(titles)
        writer.writerows(
            [safe_cell(cell) if isinstance(cell, str) else cell for cell in row.values()]
            for row in rows
        )
    return path


def _description(what: Mapping[str, Any], contracts: Contracts) -> dict[str, Any]:
    """Return what an indicator is, from its row of dim_indicator."""
    twin = {k.removeprefix("twin_"): v for k, v in what.items() if k.startswith("twin_")}
    datasets = [
        {"dataset": name, "title": contract.title_zh}
        for name in what["datasets"].split(";")
        if (contract := contracts.datasets.get(name))
    ]
    rest = {k: v for k, v in what.items() if not k.startswith(("twin_", "is_twin"))}
    return {**rest, "datasets": datasets, "twin": twin if twin["id"] else None}


def write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    marts: Mapping[str, Mart],
    contracts: Contracts,
    publication: Mapping[str, Any],
) -> list[Path]:
    """Write the files of all indicators below `folder`; return their paths.

    The connection has the views of `public.create_views`. `publication` (stamp, licence and the
    like) is repeated in each JSON file.
    """
    target = folder / FOLDER
    target.mkdir()
    values, years = marts["indicator_values"].columns, marts["indicator_annual"].columns
    titles = [values[n].title_zh for n in _OF_VALUES] + [years[n].title_zh for n in _OF_YEARS]
    standing = _by_indicator(
        connection, f"select indicator_id, {', '.join(_STANDING)} from indicator_progress"
    )
    annual = _by_indicator(
        connection, f"select indicator_id, {', '.join(_ANNUAL)} from indicator_annual order by year"
    )
    of_areas = _by_indicator(
        connection,
        f"select indicator_id, {', '.join(_VALUES)} from indicator_values order by year, area",
    )
    tables = _by_indicator(connection, _CSV_QUERY)
    written, listed = [], []
    for what in records(connection, "select * from dim_indicator order by kind, indicator_id"):
        identity = what["indicator_id"]
        files = {"json": f"{identity}.json", "csv": f"{identity}.csv"}
        (stands,) = _without_id(standing[identity])
        content = {
            **_description(what, contracts),
            "standing": stands,
            "annual": _without_id(annual[identity]),
            "values": _without_id(of_areas[identity]),
            "publication": publication,
            "files": files,
        }
        written.append(_write_json(target / files["json"], content))
        written.append(_write_csv(target / files["csv"], titles, tables[identity]))
        listed.append(
            {k: what[k] for k in ("indicator_id", "kind", "name_zh", "unit")}
            | {k: stands[k] for k in ("latest_year", "latest_value", "status", "status_zh")}
            | files
        )
    index = {"publication": publication, "indicators": listed}
    return [_write_json(target / "index.json", index), *written]
