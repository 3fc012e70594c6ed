"""The documentation of the dbt project as one page that works offline, from a folder.

It is dbt's own page (`dbt docs`) with manifest and catalog inserted, as `dbt docs generate
--static` does; that command would parse and compile the project again.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

FOLDER = "dbt_docs"
_PAGE = files("dbt.task.docs") / "index.html"
_PLACES = {"MANIFEST.JSON INLINE DATA": "manifest", "CATALOG.JSON INLINE DATA": "catalog"}
# Replacements of what requests files that do not exist beside the page.
_REPLACEMENTS = {
    # Icons whose address is not computed yet.
    'xlink:href="{{': 'ng-attr-xlink:href="{{',
    # An address that the build of dbt leaves unresolved.
    """<link rel="shortcut icon" href="${require('./assets/favicons/favicon.ico')}"/>""": (
        '<link rel="icon" href="data:,"/>'
    ),
}
_CATALOG = "https://schemas.getdbt.com/dbt/catalog/v1.json"


def _relations(database: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Return tables and views of a file by schema and name, as a dbt catalog describes them."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for schema, name, kind, comment, rows in connection.execute(
            "select schema_name, table_name, 'BASE TABLE', comment, estimated_size "
            "from duckdb_tables() union all "
            "select schema_name, view_name, 'VIEW', comment, null "
            "from duckdb_views() where not internal"
        ).fetchall():
            metadata = {"type": kind, "schema": schema, "name": name, "comment": comment}
            row_count = {
                "id": "row_count",
                "label": "Rows",
                "value": rows,
                "include": rows is not None,
                "description": "Rows of the table.",
            }
            has_stats = {"id": "has_stats", "label": "Has Stats?", "value": rows is not None}
            found[schema, name] = {
                "metadata": {**metadata, "database": None, "owner": None},
                "columns": {},
                "stats": {
                    "has_stats": {
                        **has_stats,
                        "include": False,
                        "description": "Are rows counted?",
                    },
                    "row_count": row_count,
                },
            }
        for schema, table, name, kind, index, comment in connection.execute(
            "select schema_name, table_name, column_name, data_type, column_index, comment "
            "from duckdb_columns() where not internal order by all"
        ).fetchall():
            if (schema, table) in found:
                column = {"type": kind, "index": index, "name": name, "comment": comment}
                found[schema, table]["columns"][name] = column
    return found


def catalog(manifest: Mapping[str, Any], database: Path) -> dict[str, Any]:
    """Return the catalog of a manifest's nodes and sources that are in a database file."""
    relations = _relations(database)
    parts: dict[str, dict[str, Any]] = {"nodes": {}, "sources": {}}
    for part, described in parts.items():
        for unique_id, node in manifest[part].items():
            name = node.get("identifier") or node.get("alias") or node["name"]
            relation = relations.get((node["schema"], name))
            if relation is not None and node["resource_type"] in ("model", "seed", "source"):
                described[unique_id] = {**relation, "unique_id": unique_id}
    metadata = {
        "dbt_schema_version": _CATALOG,
        "dbt_version": manifest["metadata"]["dbt_version"],
        "generated_at": datetime.now(UTC).isoformat(),
    }
    return {"metadata": metadata, **parts, "errors": None}


def _of_the_project(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest without dbt's own macros, paths of the machine and usage statistics."""
    project = manifest["metadata"]["project_name"]
    keys = ("dbt_schema_version", "dbt_version", "generated_at", "project_name", "adapter_type")
    macros = {k: v for k, v in manifest["macros"].items() if v["package_name"] == project}
    metadata = {key: manifest["metadata"][key] for key in keys}
    kept: dict[str, Any] = {**manifest, "macros": macros}
    for part in ("nodes", "sources", "macros"):
        # A seed's node contains the path of its file on this machine.
        kept[part] = {k: {**node, "root_path": None} for k, node in kept[part].items()}
    return {**kept, "metadata": {**metadata, "send_anonymous_usage_stats": False}}


def write(database: Path, folder: Path, manifest: Mapping[str, Any]) -> Path:
    """Write the page of a manifest, with the relations of a database file; return its path."""
    contents = {"manifest": _of_the_project(manifest), "catalog": catalog(manifest, database)}
    page = _PAGE.read_text(encoding="utf-8")
    for original, replacement in _REPLACEMENTS.items():
        page = page.replace(original, replacement)
    for place, name in _PLACES.items():
        # Only "</" could end the script element; JSON ignores a backslash before "/".
        text = json.dumps(contents[name], ensure_ascii=False).replace("</", "<\\/")
        if f'"{place}"' not in page:
            raise ValueError(f"dbt's page has no place for its {name}; see {_PAGE}")
        page = page.replace(f'"{place}"', text)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "index.html"
    target.write_text(page, encoding="utf-8")
    return target
