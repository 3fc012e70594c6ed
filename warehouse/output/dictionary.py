"""The data dictionary in Chinese: the columns of every mart and dataset, as a page and a CSV file.

Made from the declarations alone: marts from the dbt project, datasets from the contracts.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader

from sources.contracts import Contract, Contracts
from warehouse.output.cells import safe_cell
from warehouse.publication.manifest import PublicationManifest
from warehouse.publication.marts import Mart

_TEMPLATES = Path(__file__).parent / "templates"
_TYPES_ZH = {
    "string": "文本",
    "bigint": "整数",
    "int": "整数",
    "double": "小数",
    "float": "小数",
    "boolean": "是/否",
    "bool": "是/否",
    "date": "日期",
    "timestamp": "时间",
    "datetime": "时间",
    "month": "月份",
    "year": "年份",
    "enum": "选项",
    "area": "区域",
    "township": "乡镇",
    "water_class": "水质类别",
    "groundwater_class": "地下水质量类别",
}


class Entry(NamedTuple):
    """A column in the dictionary; the field names are the headers of the CSV file."""

    类别: str
    表: str
    表名: str
    列: str
    列名: str
    类型: str
    单位: str
    主键: str
    必填: str
    取值: str
    说明: str


def _of_mart(mart: Mart) -> Iterator[Entry]:
    for column in mart.columns.values():
        kind = _TYPES_ZH.get(column.data_type, column.data_type)
        key = "是" if column.name in mart.key else ""
        yield Entry(
            "发布表",
            mart.name,
            mart.title_zh,
            column.name,
            column.title_zh,
            kind,
            column.unit_zh or "",
            key,
            key,
            "",
            column.description,
        )


def _of_dataset(contract: Contract) -> Iterator[Entry]:
    for field in contract.fields:
        values = "、".join(field.allowed_values) or (field.range or "")
        aliases = f"别名：{'、'.join(field.aliases)}" if field.aliases else ""
        yield Entry(
            "报送数据集",
            contract.dataset,
            contract.title_zh,
            field.field,
            field.title_zh,
            _TYPES_ZH.get(field.type, field.type),
            field.unit or "",
            "是" if field.key else "",
            "是" if field.required else "",
            values,
            aliases,
        )


def entries(marts: Mapping[str, Mart], contracts: Contracts) -> list[Entry]:
    """Return every column of every mart, then every field of every dataset."""
    found = [entry for mart in marts.values() for entry in _of_mart(mart)]
    return found + [entry for contract in contracts for entry in _of_dataset(contract)]


def write(
    folder: Path, *, marts: Mapping[str, Mart], contracts: Contracts, manifest: PublicationManifest
) -> list[Path]:
    """Write data_dictionary.html and .csv; return their paths."""
    listed = entries(marts, contracts)
    groups: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in listed:
        groups.setdefault((entry.类别, entry.表, entry.表名), []).append(entry)
    descriptions = {mart.name: mart.description for mart in marts.values()}
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    page = environment.get_template("dictionary.j2").render(
        headers=Entry._fields[3:], groups=groups, descriptions=descriptions, manifest=manifest
    )
    html, table = folder / "data_dictionary.html", folder / "data_dictionary.csv"
    html.write_text(page, encoding="utf-8")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Entry._fields)
    writer.writerows([safe_cell(cell) for cell in entry] for entry in listed)
    table.write_text(text.getvalue(), encoding="utf-8-sig")
    return [html, table]
