"""Marts in SDMX: data as SDMX-CSV 2.0, their structure as SDMX-ML 3.0.

A mart declares in its `sdmx` meta which columns are dimensions, measure and attributes, and with
`without_measure` that rows without a value are observations, too (of targets and statuses). Code
lists are made from the values where these are valid codes of SDMX (letters, digits, _ @ $ -), else
the component is free text; of a column that refers to another table they are that table's, so that
all structures have the same list. The libraries are imported when a file is written: they take half
a second.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.home.sql import identifier
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import Mart

TIME = "TIME_PERIOD"
VALUE = "OBS_VALUE"
_CODE = re.compile(r"[A-Za-z0-9_@$\-]+")
_MOST_CODES = 10_000


def _query(mart: Mart) -> str:
    declared = mart.sdmx
    measure = identifier(declared["measure"])
    columns = [
        *(f"cast({identifier(c)} as varchar) as {d}" for d, c in declared["dimensions"].items()),
        f"{measure} as {VALUE}",
        *(f"cast({identifier(c)} as varchar) as {a}" for a, c in declared["attributes"].items()),
    ]
    order = ", ".join(declared["dimensions"])
    rows = "true" if declared.get("without_measure") else f"{measure} is not null"
    return f"select {', '.join(columns)} from {identifier(mart.name)} where {rows} order by {order}"


def _codes(
    connection: duckdb.DuckDBPyConnection, mart: Mart, component: str, column: str
) -> dict[str, str] | None:
    """Return the name of each value of a column; None where the values are no valid codes."""
    table, key = mart.foreign_keys.get(column, (mart.name, column))
    named = mart.sdmx.get("names", {}).get(component, key)
    found = connection.execute(
        f"select cast({identifier(key)} as varchar), min(cast({identifier(named)} as varchar)) "
        f"from {identifier(table)} where {identifier(key)} is not null "
        f"group by 1 order by 1 limit {_MOST_CODES + 1}"
    ).fetchall()
    if not found or len(found) > _MOST_CODES or not all(_CODE.fullmatch(c) for c, _ in found):
        return None
    return dict(found)


def _write_mart(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    mart: Mart,
    manifest: PublicationManifest,
    agency: str,
) -> list[Path]:
    from pysdmx.io import write_sdmx
    from pysdmx.io.format import Format
    from pysdmx.io.pd import PandasDataset
    from pysdmx.model import (
        Code,
        Codelist,
        Component,
        Components,
        Concept,
        ConceptScheme,
        Dataflow,
        DataStructureDefinition,
        DataType,
        ItemReference,
        Role,
    )
    from pysdmx.model.message import Header

    version = manifest.schema_version
    identity = mart.name.upper()
    roles = {
        **{
            component: (Role.DIMENSION, column)
            for component, column in mart.sdmx["dimensions"].items()
        },
        VALUE: (Role.MEASURE, mart.sdmx["measure"]),
        **{
            component: (Role.ATTRIBUTE, column)
            for component, column in mart.sdmx["attributes"].items()
        },
    }
    codelists, concepts, components = [], [], []
    for name, (role, column) in roles.items():
        declared = mart.columns[column]
        kind = {TIME: DataType.PERIOD, VALUE: DataType.DOUBLE}.get(name, DataType.STRING)
        concepts.append(
            Concept(name, name=declared.title_zh, description=declared.description, dtype=kind)
        )
        codes = None
        if name not in (TIME, VALUE):
            codes = _codes(connection, mart, name, column)
        codelist = None
        if codes is not None:
            codelist = Codelist(
                f"CL_{name}",
                name=declared.title_zh,
                agency=agency,
                version=version,
                items=[Code(code, name=text) for code, text in codes.items()],
            )
            codelists.append(codelist)
        components.append(
            Component(
                name,
                required=role is not Role.ATTRIBUTE,
                role=role,
                concept=ItemReference("Concept", agency, f"CS_{identity}", version, name),
                local_dtype=kind,
                local_codes=codelist,
                attachment_level="O" if role is Role.ATTRIBUTE else None,
            )
        )
    scheme = ConceptScheme(
        f"CS_{identity}", name=mart.title_zh, agency=agency, version=version, items=concepts
    )
    structure = DataStructureDefinition(
        f"DSD_{identity}",
        name=mart.title_zh,
        agency=agency,
        version=version,
        components=Components(components),
    )
    flow = Dataflow(
        f"DF_{identity}", name=mart.title_zh, agency=agency, version=version, structure=structure
    )
    data, described = folder / f"{mart.name}.csv", folder / f"{mart.name}_structure.xml"
    header = Header(
        id=f"{identity}_{manifest.stamp}", prepared=datetime.fromisoformat(manifest.built_at)
    )
    write_sdmx(
        [*codelists, scheme, structure, flow],
        Format.STRUCTURE_SDMX_ML_3_0,
        output_path=str(described),
        header=header,
    )
    # The library declares every text to be English; names are Chinese.
    text = described.read_text(encoding="utf-8")
    text = text.replace('Name xml:lang="en"', 'Name xml:lang="zh"')
    described.write_text(text, encoding="utf-8")
    rows = PandasDataset(structure=structure.to_schema(), data=connection.sql(_query(mart)).df())
    write_sdmx([rows], Format.DATA_SDMX_CSV_2_0_0, output_path=str(data))
    return [data, described]


def write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    marts: Mapping[str, Mart],
    manifest: PublicationManifest,
    agency: str,
) -> list[Path]:
    """Write the marts with an `sdmx` meta; return the files, data and structure of each.

    The connection has the views of `public.create_views`.
    """
    written = []
    for mart in marts.values():
        if mart.sdmx:
            folder.mkdir(exist_ok=True)
            written += _write_mart(connection, folder, mart, manifest, agency)
    return written
