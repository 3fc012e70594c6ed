"""The marts as files for the public: Parquet, CSV, a data package, SDMX, a data dictionary.

Made from a publication's finished DuckDB file and from the declarations of marts and contracts,
into a folder that is published together with that file. CSV is UTF-8 with a byte order mark, so
that spreadsheets read Chinese; a text that a spreadsheet would take for a formula is prefixed with
an apostrophe. Parquet has every value unchanged.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
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
from warehouse.publication.titles import public_columns

_METADATA = Path(__file__).with_name("open_data.yml")
_BOM = b"\xef\xbb\xbf"
_RUNS_AS_FORMULA = r"^[=+\-@\t\r]"
# Frictionless types by DuckDB type; others are strings.
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
    """The metadata of the open data lacks an entry; the message names it."""


@dataclass(frozen=True)
class Metadata:
    """Publisher, terms and titles of the open data; `licenses` as in a Frictionless package."""

    name: str
    title: str
    description: str
    publisher: str
    licenses: Sequence[Mapping[str, str]]
    sdmx_agency: str


def read_metadata() -> Metadata:
    """Return the metadata in force. Raises OpenDataError when an entry is missing."""
    path = OpenDataSettings.load().open_data or _METADATA
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = [each.name for each in fields(Metadata)]
    if missing := sorted(set(names) - content.keys()):
        raise OpenDataError(f"{path}: add {', '.join(missing)} (see {_METADATA})")
    return Metadata(**{name: content[name] for name in names})


def safe_text(column: str) -> str:
    """Return SQL for a text column's value such that no spreadsheet takes it for a formula."""
    name = identifier(column)
    return (
        f"case when regexp_matches({name}, {literal(_RUNS_AS_FORMULA)}) "
        f"then '''' || {name} else {name} end as {name}"
    )


def _write_csv(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    target: Path,
    rows: str = "true",
) -> None:
    selected = ", ".join(
        safe_text(column) if kind == "VARCHAR" else identifier(column)
        for column, kind in columns.items()
    )
    bare = target.with_suffix(".bare")
    connection.execute(
        f"copy (select {selected} from {SCHEMA}.{identifier(table)} where {rows}) "
        f"to {literal(bare)} "
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
        # The file has its own schema. As a table, Frictionless would read it without checking the
        # hash, and fail on an empty date.
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
    """Write the open data of a finished DuckDB file into `folder`, which is emptied before.

    `manifest` is that of its publication. Raises OpenDataError when the metadata is incomplete.
    """
    metadata = read_metadata()
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("csv", "parquet"):
        (folder / name).mkdir(parents=True)
    resources = []
    with duckdb.connect(str(database), read_only=True) as connection:
        (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
        for table, columns in public_columns(connection, catalog, marts).items():
            mart = marts.get(table)
            rows = mart.public_rows if mart else "true"
            titled = {"title": mart.title_zh, "description": mart.description} if mart else {}
            csv, parquet = folder / "csv" / f"{table}.csv", folder / "parquet" / f"{table}.parquet"
            _write_csv(connection, table, columns, csv, rows)
            connection.execute(
                f"copy (select {', '.join(map(identifier, columns))} "
                f"from {SCHEMA}.{identifier(table)} where {rows}) to {literal(parquet)} "
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
            connection, folder / "sdmx", marts=marts, manifest=manifest, agency=metadata.sdmx_agency
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
        "name": metadata.name,
        "id": manifest.stamp,
        "title": metadata.title,
        "description": metadata.description,
        "version": manifest.schema_version,
        "created": manifest.built_at,
        "licenses": metadata.licenses,
        "contributors": [{"title": metadata.publisher, "role": "publisher"}],
        "sources": [{"title": d.name_zh} for d in contracts.departments.values()],
        "software_version": manifest.build.software_version,
        "as_of": manifest.build.as_of,
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
