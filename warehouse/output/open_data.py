"""The marts as files for the public: tables, workbook, files per indicator, SDMX, dictionary.

A data package lists all of them, a ZIP file holds them together.

Made from a publication's finished DuckDB file and from the declarations of marts and contracts,
into a folder that is published together with that file. CSV is UTF-8 with a byte order mark, so
that spreadsheets read Chinese; a text that a spreadsheet would take for a formula is prefixed with
an apostrophe. Parquet has every value unchanged.
"""

import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb
import yaml

from sources.contracts import Contracts, County
from warehouse.home.clock import county_time
from warehouse.home.files import sha256_of
from warehouse.home.settings import OpenDataSettings
from warehouse.home.sql import identifier, literal
from warehouse.output import dictionary, indicator_files, metrics, sdmx, workbook
from warehouse.output.cells import safe_text
from warehouse.output.public import create_views
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import Mart
from warehouse.publication.titles import public_columns

_METADATA = Path(__file__).with_name("open_data.yml")
_BOM = b"\xef\xbb\xbf"
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
_MEDIA_TYPES = {
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
}
_SDMX_TYPES = {
    "csv": "application/vnd.sdmx.data+csv",
    "xml": "application/vnd.sdmx.structure+xml",
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


def read_metadata(county: County) -> Metadata:
    """Return the metadata in force for a county. Raises OpenDataError when an entry is missing."""
    path = OpenDataSettings.load().open_data or _METADATA
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = [each.name for each in fields(Metadata)]
    if missing := sorted(set(names) - content.keys()):
        raise OpenDataError(f"{path}: add {', '.join(missing)} (see {_METADATA})")
    return Metadata(**{name: _filled(content[name], county) for name in names})


def _filled(entry: Any, county: County) -> Any:
    """Return an entry with the county's name in the place of what stands for it."""
    if not isinstance(entry, str):
        return entry
    names = {
        "{county}": county.name_zh,
        "{identifier}": county.identifier,
        "{IDENTIFIER}": county.identifier.upper(),
    }
    for placeholder, name in names.items():
        entry = entry.replace(placeholder, name)
    return entry


def _write_csv(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], target: Path
) -> None:
    selected = ", ".join(
        safe_text(column) if kind == "VARCHAR" else identifier(column)
        for column, kind in columns.items()
    )
    bare = target.with_suffix(".bare")
    connection.execute(
        f"copy (select {selected} from {identifier(table)}) to {literal(bare)} "
        f"(format csv, header true, timestampformat {literal(_TIMESTAMP)})"
    )
    with bare.open("rb") as source, target.open("wb") as out:
        out.write(_BOM)
        shutil.copyfileobj(source, out)
    bare.unlink()


def _resource_name(table: str) -> str:
    return table.replace("_", "-")


def _foreign_keys(
    mart: Mart, columns: Mapping[str, str], tables: Iterable[str]
) -> Iterator[dict[str, Any]]:
    """Yield the keys whose columns and tables are public, as Frictionless writes them."""
    for column, (table, key) in mart.foreign_keys.items():
        if column in columns and table in tables:
            resource = "" if table == mart.name else _resource_name(table)
            yield {"fields": [column], "reference": {"resource": resource, "fields": [key]}}


def _schema(columns: Mapping[str, str], mart: Mart | None, tables: Iterable[str]) -> dict[str, Any]:
    fields = []
    for column, kind in columns.items():
        declared = mart.columns.get(column) if mart else None
        field: dict[str, Any] = {"name": column, "type": _TYPES.get(kind, "string")}
        if declared:
            field |= {"title": declared.title_zh, "description": declared.description}
            if declared.unit_zh:
                field["unit"] = declared.unit_zh
        fields.append(field)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if mart and mart.key:
        schema["primaryKey"] = list(mart.key)
    if mart and (foreign := list(_foreign_keys(mart, columns, tables))):
        schema["foreignKeys"] = foreign
    return schema


def _resource(folder: Path, path: Path, **more: Any) -> dict[str, Any]:
    checked = {"bytes": path.stat().st_size, "hash": f"sha256:{sha256_of(path)}"}
    if more.get("format") == "parquet":
        # The file has its own schema. As a table, Frictionless would read it without checking the
        # hash, and fail on an empty date.
        checked["type"] = "file"
    return {"path": path.relative_to(folder).as_posix(), **checked, **more}


def _mart_files(
    connection: duckdb.DuckDBPyConnection, folder: Path, marts: Mapping[str, Mart]
) -> Iterator[dict[str, Any]]:
    """Write each public mart as CSV and Parquet; yield the resources."""
    for name in ("csv", "parquet"):
        (folder / name).mkdir()
    (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
    public = public_columns(connection, catalog, marts)
    for table, columns in public.items():
        mart = marts.get(table)
        titled = {"title": mart.title_zh, "description": mart.description} if mart else {}
        counted = {"metrics": [m.to_dict() for m in mart.metrics]} if mart and mart.metrics else {}
        csv, parquet = folder / "csv" / f"{table}.csv", folder / "parquet" / f"{table}.parquet"
        _write_csv(connection, table, columns, csv)
        connection.execute(
            f"copy {identifier(table)} to {literal(parquet)} (format parquet, compression zstd)"
        )
        yield _resource(
            folder,
            csv,
            name=_resource_name(table),
            **titled,
            **counted,
            profile="tabular-data-resource",
            format="csv",
            mediatype="text/csv",
            encoding="utf-8",
            schema=_schema(columns, mart, public),
        )
        yield _resource(
            folder,
            parquet,
            name=f"{_resource_name(table)}-parquet",
            **titled,
            format="parquet",
            mediatype="application/vnd.apache.parquet",
        )


def _file_resource(folder: Path, path: Path, **more: Any) -> dict[str, Any]:
    """Return the resource of a file that is checked by its hash alone."""
    name = "-".join(path.relative_to(folder).parts).replace("_", "-").replace(".", "-").lower()
    form = path.suffix[1:]
    described = {"name": name, "format": form, "mediatype": _MEDIA_TYPES[form], **more}
    return {**_resource(folder, path, **described), "type": "file"}


def _notes(metadata: Metadata, manifest: PublicationManifest) -> dict[str, str]:
    """Return the lines that say in the workbook what it is."""
    return {
        "内容": metadata.description,
        "发布单位": metadata.publisher,
        "许可": "；".join(f"{each['title']}（{each['path']}）" for each in metadata.licenses),
        "数据版本": f"{manifest.stamp}（表结构 {manifest.schema_version}）",
        "数据截至": county_time(manifest.data_until),
        "数值": "空白为未报送或未统计；按指标的小数位数显示，单元格内为完整数值；原文列照录规划。",
        "其他格式": "同一文件夹内有 CSV、Parquet、SDMX、各指标的 JSON 和数据字典。",
    }


def _files_for_people(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    metadata: Metadata,
    manifest: PublicationManifest,
    marts: Mapping[str, Mart],
    contracts: Contracts,
) -> Iterator[dict[str, Any]]:
    """Write workbook, figures and the files per indicator; yield the resources."""
    figures = metrics.figures(connection, marts)
    for path in workbook.write(
        connection,
        folder,
        marts=marts,
        manifest=manifest,
        publisher=metadata.publisher,
        figures=figures,
        notes=_notes(metadata, manifest),
    ):
        yield _file_resource(folder, path, name=f"overview-{path.suffix[1:]}", title=path.stem)
    publication = {
        "stamp": manifest.stamp,
        "built_at": manifest.built_at,
        "as_of": manifest.build.as_of,
        "schema_version": manifest.schema_version,
        "publisher": metadata.publisher,
        "licenses": metadata.licenses,
    }
    path = folder / "metrics.json"
    content = {"publication": publication, "metrics": [figure.to_dict() for figure in figures]}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    yield _file_resource(folder, path, title="统计量")
    for path in indicator_files.write(
        connection, folder, marts=marts, contracts=contracts, publication=publication
    ):
        yield _file_resource(folder, path)


def _write_zip(folder: Path, name: str) -> None:
    """Put all files of the folder into `<name>.zip` in it; what is compressed already is stored."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(folder / f"{name}.zip", "w", compresslevel=1) as archive:
        for path in files:
            stored = path.suffix in (".parquet", ".xlsx")
            archive.write(
                path,
                path.relative_to(folder).as_posix(),
                zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED,
            )


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
    metadata = read_metadata(contracts.county)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        create_views(connection, marts)
        resources = list(_mart_files(connection, folder, marts))
        resources += _files_for_people(connection, folder, metadata, manifest, marts, contracts)
        resources += [
            _file_resource(folder, path, mediatype=_SDMX_TYPES[path.suffix[1:]])
            for path in sdmx.write(
                connection,
                folder / "sdmx",
                marts=marts,
                manifest=manifest,
                agency=metadata.sdmx_agency,
            )
        ]
    resources += [
        _file_resource(folder, path, title="数据字典")
        for path in dictionary.write(folder, marts=marts, contracts=contracts, manifest=manifest)
    ]
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
    _write_zip(folder, metadata.name)
