"""The marts as the dbt project declares them: titles, descriptions, keys, columns.

Read from dbt's manifest, so that no mart and no column is named a second time in code. A mart's
`config.meta` declares what publishing does with it beyond copying it:

- `compared: [columns]`: changes of these columns against the last publication are listed cell by
  cell, not only counted;
- `holds_changes: true`: the mart into which these changes are written (one at most);
- `public: false` (also of a column): it stays in the published file and out of open data and
  PostgreSQL; `public_rows: condition`: only these rows leave it;
- `sdmx: {...}`: its dimensions, measure and attributes in SDMX (`warehouse.output.sdmx`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = "marts"
# Schema of the views of the marts with Chinese names.
VIEWS = "bi"
_KEY_TEST = "unique_key"


@dataclass(frozen=True)
class Column:
    """A column of a mart; `data_type` is that of dbt's contract."""

    name: str
    title_zh: str
    description: str
    data_type: str
    is_public: bool = True


@dataclass(frozen=True)
class Mart:
    """A table of schema marts. `key` is empty where no key is tested."""

    name: str
    title_zh: str
    description: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    holds_changes: bool = False
    sdmx: Mapping[str, Any] = field(default_factory=dict)
    is_public: bool = True
    public_rows: str = "true"

    def public_columns(self, names: Iterable[str]) -> list[str]:
        """Return those of the columns that may leave the published file."""
        return [n for n in names if n not in self.columns or self.columns[n].is_public]


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node.get("config", {}).get("meta") or node.get("meta") or {}


def _keys(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    keys = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        if test.get("name") == _KEY_TEST and node.get("attached_node"):
            arguments = test["kwargs"].get("arguments", test["kwargs"])
            # A key with parts that may be empty is no primary key elsewhere.
            if not arguments.get("optional"):
                keys[node["attached_node"]] = tuple(arguments["columns"])
    return keys


def read_marts(manifest: Mapping[str, Any]) -> dict[str, Mart]:
    """Return the marts of a dbt manifest, by name in alphabetical order."""
    keys = _keys(manifest)
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
                name: Column(
                    name=name,
                    title_zh=_meta(column).get("title_zh", name),
                    description=" ".join(column["description"].split()),
                    data_type=column["data_type"],
                    is_public=_meta(column).get("public", True),
                )
                for name, column in node["columns"].items()
            },
            key=keys.get(identity, ()),
            compared=tuple(meta.get("compared", ())),
            holds_changes=bool(meta.get("holds_changes")),
            sdmx=meta.get("sdmx", {}),
            is_public=meta.get("public", True),
            public_rows=meta.get("public_rows", "true"),
        )
    return dict(sorted(marts.items()))
