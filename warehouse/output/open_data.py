"""The marts as files for everybody: Parquet, CSV, a data package, SDMX, a data dictionary.

Made from a publication's finished DuckDB file and from what the marts and contracts declare, into
a folder that is published together with that file. CSV is UTF-8 with a byte order mark, so that
spreadsheets read Chinese; a text in it that a spreadsheet would take for a formula has an
apostrophe in front. Parquet has every value as it is.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import yaml

from sources.contracts import Contracts
from warehouse.home.files import sha256_of
from warehouse.home.settings import OpenDataSettings
from warehouse.home.sql import identifier, literal
from warehouse.output import dictionary, sdmx
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import SCHEMA, Mart
from warehouse.publication.titles import mart_columns

_SETTINGS = Path(__file__).with_name("open_data.yml")
_BOM = b"\xef\xbb\xbf"
_RUNS_AS_FORMULA = r"^[=+\-@\t\r]"
# Frictionless types; what is not listed is told as text.
_TYPES = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "FLOAT": "number",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "HUGEINT": "integer",
    "SMALLINT": "integer",
    "TIMESTAMP": "datetime",
}
_TIMESTAMP = "%Y-%m-%dT%H:%M:%S.%f"


class OpenDataError(ValueError):
    """A setting of the open data is missing; the message names it."""


def settings() -> dict[str, Any]:
    """Publisher, licence and titles. Raises OpenDataError when an entry is missing."""
    default = yaml.safe_load(_SETTINGS.read_text(encoding="utf-8"))
    given = OpenDataSettings.load().open_data
    if given is None:
        return default
    content = yaml.safe_load(given.read_text(encoding="utf-8"))
    if missing := sorted(default.keys() - content.keys()):
        raise OpenDataError(f"{given}: add {', '.join(missing)} (as in {_SETTINGS})")
    return content


def safe_text(column: str) -> str:
    """SQL: a text column's value such that no spreadsheet runs it."""
    name = identifier(column)
    return (
        f"case when regexp_matches({name}, {literal(_RUNS_AS_FORMULA)}) "
        f"then '''' || {name} else {name} end as {name}"
    )


def _write_csv(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], target: Path
) -> None:
    selected = ", ".join(
        safe_text(column) if kind == "VARCHAR" else identifier(column)
        for column, kind in columns.items()
    )
    bare = target.with_suffix(".bare")
    connection.execute(
        f"copy (select {selected} from {SCHEMA}.{identifier(table)}) to {literal(bare)} "
        f"(format csv, header true, timestampformat {literal(_TIMESTAMP)})"
    )
    with bare.open("rb") as source, target.open("wb") as out:
        out.write(_BOM)
        shutil.copyfileobj(source, out)
    bare.unlink()


def _schema(columns: Mapping[str, str], mart: Mart | None) -> dict[str, Any]:
    fields = []
    for column, kind in columns.items():
        declared = mart.columns.get(column) if mart else None
        field: dict[str, Any] = {"name": column, "type": _TYPES.get(kind, "string")}
        if declared:
            field |= {"title": declared.title_zh, "description": declared.description}
        fields.append(field)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if mart and mart.key:
        schema["primaryKey"] = list(mart.key)
    return schema


def _resource(folder: Path, path: Path, **more: Any) -> dict[str, Any]:
    checked = {"bytes": path.stat().st_size, "hash": f"sha256:{sha256_of(path)}"}
    if more.get("format") == "parquet":
        # Its columns are in the file. As a table Frictionless would read it, check no hash, and
        # fail on an empty date.
        checked["type"] = "file"
    return {"path": path.relative_to(folder).as_posix(), **checked, **more}


def write(
    database: Path,
    folder: Path,
    *,
    manifest: PublicationManifest,
    marts: Mapping[str, Mart],
    contracts: Contracts,
) -> None:
    """Fill `folder` from a finished DuckDB file; `manifest` is its publication's.

    Raises OpenDataError when the settings cannot be used.
    """
    said = settings()
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("csv", "parquet"):
        (folder / name).mkdir(parents=True)
    resources = []
    with duckdb.connect(str(database), read_only=True) as connection:
        (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
        for table, columns in mart_columns(connection, catalog).items():
            mart = marts.get(table)
            titled = {"title": mart.title_zh, "description": mart.description} if mart else {}
            csv, parquet = folder / "csv" / f"{table}.csv", folder / "parquet" / f"{table}.parquet"
            _write_csv(connection, table, columns, csv)
            connection.execute(
                f"copy {SCHEMA}.{identifier(table)} to {literal(parquet)} "
                "(format parquet, compression zstd)"
            )
            resources.append(
                _resource(
                    folder,
                    csv,
                    name=table.replace("_", "-"),
                    **titled,
                    profile="tabular-data-resource",
                    format="csv",
                    mediatype="text/csv",
                    encoding="utf-8",
                    schema=_schema(columns, mart),
                )
            )
            resources.append(
                _resource(
                    folder,
                    parquet,
                    name=f"{table.replace('_', '-')}-parquet",
                    **titled,
                    format="parquet",
                    mediatype="application/vnd.apache.parquet",
                )
            )
        for path in sdmx.write(
            connection, folder / "sdmx", marts=marts, manifest=manifest, said=said
        ):
            kind = path.suffix[1:]
            resources.append(
                _resource(
                    folder,
                    path,
                    name=f"sdmx-{path.stem}".replace("_", "-"),
                    format=kind,
                    mediatype={
                        "csv": "application/vnd.sdmx.data+csv",
                        "xml": "application/vnd.sdmx.structure+xml",
                    }[kind],
                )
            )
    for path in dictionary.write(folder, marts=marts, contracts=contracts, manifest=manifest):
        resources.append(
            _resource(
                folder,
                path,
                name=path.stem.replace("_", "-") + path.suffix.replace(".", "-"),
                title="数据字典",
                format=path.suffix[1:],
            )
        )
    package = {
        "profile": "data-package",
        "name": said["name"],
        "id": manifest.stamp,
        "title": said["title"],
        "description": said["description"],
        "version": manifest.schema_version,
        "created": manifest.built_at,
        "licenses": said["licenses"],
        "contributors": [{"title": said["publisher"], "role": "publisher"}],
        "sources": [{"title": d.name_zh} for d in contracts.departments.values()],
        "software_version": manifest.build.software_version,
        "as_of": manifest.build.as_of,
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
