"""The marts as the dbt project declares them: titles, descriptions, keys, columns.

Read from dbt's manifest, so that no mart and no column is named a second time in code. Keys are
those that dbt tests: `unique_key` and `foreign_keys`. A column's `config.meta` declares its Chinese
title and the unit of its numbers: `unit`, or `unit_column` (the column that has it, row by row), or
`unit_note` (in words). A mart's declares what publishing does with it beyond copying it:

- `compared: [columns]`: changes of these columns against the last publication are listed cell by
  cell, not only counted;
- `holds_changes: true`: the mart into which these changes are written (one at most);
- `public: false` (also of a column): it stays in the published file and out of open data and
  PostgreSQL; `public_rows: condition`: only these rows leave it; `dataset_column: column`: rows of
  datasets whose contract says `public: false`, which this column names, do not leave it either;
- `metrics: {name: {...}}`: figures that are made of its rows (`Metric`);
- `sdmx: {...}`: its dimensions, measure and attributes in SDMX (`warehouse.output.sdmx`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from warehouse.home.sql import literal

SCHEMA = "marts"
# Schema of the views of the marts with Chinese names.
VIEWS = "bi"
_KEY_TEST = "unique_key"
_FOREIGN_KEY_TEST = "foreign_keys"
NO_UNIT = "无量纲"


def titled(title_zh: str, unit: str | None, data_type: str) -> str:
    """Return a column's title with its unit: `PM2.5（μg/m³）`. A count is named by what it counts.

    The dbt macro `title_with_unit` composes the titles of the views of schema bi alike.
    """
    if unit in (None, NO_UNIT) or data_type != "double" or str(unit) in title_zh:
        return title_zh
    return f"{title_zh}（{unit}）"


@dataclass(frozen=True)
class Column:
    """A column of a mart; `data_type` is that of dbt's contract, `title_zh` has the unit."""

    name: str
    title_zh: str
    description: str
    data_type: str
    is_public: bool = True
    unit: str | None = None
    unit_zh: str | None = None

    @property
    def comment(self) -> str:
        """The description with the unit, for the column of schema marts."""
        return f"{self.description}. Unit: {self.unit_zh}" if self.unit_zh else self.description


@dataclass(frozen=True)
class Metric:
    """A figure made of the rows of a mart, for charts, workbook and files alike.

    `expression` is an aggregate in SQL that DuckDB, Spark and PostgreSQL run. Where `per` names
    columns, it means something for one value of each only: rows are grouped by them or restricted
    to one; `for_one` is the condition by which it is given as a single figure.
    """

    name: str
    title_zh: str
    description: str
    expression: str
    unit: str
    decimals: int
    per: tuple[str, ...] = ()
    for_one: str = "true"

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {**asdict(self), "per": list(self.per)}


@dataclass(frozen=True)
class Mart:
    """A table of schema marts.

    `key` is empty where no key is tested; `foreign_keys` is {column: (table, column there)}.
    """

    name: str
    title_zh: str
    description: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    foreign_keys: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    compared: tuple[str, ...] = ()
    holds_changes: bool = False
    metrics: tuple[Metric, ...] = ()
    sdmx: Mapping[str, Any] = field(default_factory=dict)
    is_public: bool = True
    public_rows: str = "true"

    @property
    def view_comment_zh(self) -> str:
        """The comment of its view in schema bi."""
        return f"{self.title_zh}；对应 {SCHEMA}.{self.name}"

    def comment_zh(self, column: Column) -> str:
        """Return the comment of a column in its view of schema bi: title, unit, English name."""
        unit = f"；单位：{column.unit_zh}" if column.unit_zh else ""
        return f"{column.title_zh}{unit}；对应 {SCHEMA}.{self.name}.{column.name}"

    def metric(self, name: str) -> Metric:
        """Return a metric by its name. Raises StopIteration when there is none."""
        return next(metric for metric in self.metrics if metric.name == name)

    def public_columns(self, names: Iterable[str]) -> list[str]:
        """Return those of the columns that may leave the published file."""
        return [n for n in names if n not in self.columns or self.columns[n].is_public]


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node.get("config", {}).get("meta") or node.get("meta") or {}


def _tests(manifest: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the model and the arguments of each data test of that name."""
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        if test.get("name") == name and node.get("attached_node"):
            yield node["attached_node"], test["kwargs"].get("arguments", test["kwargs"])


def _keys(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    # A key with parts that may be empty is no primary key elsewhere.
    return {
        model: tuple(arguments["columns"])
        for model, arguments in _tests(manifest, _KEY_TEST)
        if not arguments.get("optional")
    }


def _foreign_keys(manifest: Mapping[str, Any]) -> dict[str, dict[str, tuple[str, str]]]:
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for model, arguments in _tests(manifest, _FOREIGN_KEY_TEST):
        for column, target in arguments["keys"].items():
            table, key = target.split(".")
            found.setdefault(model, {})[column] = (table, key)
    return found


def _private_datasets(manifest: Mapping[str, Any]) -> list[str]:
    sources = manifest.get("sources", {}).values()
    return sorted(s["name"] for s in sources if not _meta(s).get("public", True))


def _public_rows(meta: Mapping[str, Any], private: Iterable[str]) -> str:
    conditions = [meta["public_rows"]] if "public_rows" in meta else []
    if column := meta.get("dataset_column"):
        conditions += [f"{column} is distinct from {literal(dataset)}" for dataset in private]
    return " and ".join(f"({condition})" for condition in conditions) or "true"


def _column(name: str, declared: Mapping[str, Any], columns: Mapping[str, Any]) -> Column:
    meta = _meta(declared)
    unit, unit_zh = meta.get("unit"), meta.get("unit") or meta.get("unit_note")
    if of_row := meta.get("unit_column"):
        unit_zh = f"见“{_meta(columns[of_row]).get('title_zh', of_row)}”列"
    return Column(
        name=name,
        title_zh=titled(meta.get("title_zh", name), unit, declared["data_type"]),
        description=" ".join(declared["description"].split()),
        data_type=declared["data_type"],
        is_public=meta.get("public", True),
        unit=unit,
        unit_zh=unit_zh,
    )


def read_marts(manifest: Mapping[str, Any]) -> dict[str, Mart]:
    """Return the marts of a dbt manifest, by name in alphabetical order."""
    keys, foreign_keys = _keys(manifest), _foreign_keys(manifest)
    private = _private_datasets(manifest)
    marts = {}
    for identity, node in manifest["nodes"].items():
        if node["resource_type"] != "model" or node["schema"] != SCHEMA:
            continue
        meta = _meta(node)
        marts[node["name"]] = Mart(
            name=node["name"],
            title_zh=meta.get("title_zh", node["name"]),
            description=" ".join(node["description"].split()),
            columns={
                name: _column(name, column, node["columns"])
                for name, column in node["columns"].items()
            },
            key=keys.get(identity, ()),
            foreign_keys=foreign_keys.get(identity, {}),
            compared=tuple(meta.get("compared", ())),
            holds_changes=bool(meta.get("holds_changes")),
            metrics=tuple(
                Metric(**{"name": metric, **declared, "per": tuple(declared.get("per", ()))})
                for metric, declared in meta.get("metrics", {}).items()
            ),
            sdmx=meta.get("sdmx", {}),
            is_public=meta.get("public", True),
            public_rows=_public_rows(meta, private),
        )
    return dict(sorted(marts.items()))
