"""Conventions of the dbt project that need no data: what the yml beside models and seeds must hold.

Every function returns the problems it finds, each with file, line and how to correct it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.dbt_build.runner import DBT_PROJECT
from sources.contracts.yaml_file import YamlFile
from warehouse.publication.marts import titled

MODELS, SEEDS = DBT_PROJECT / "models", DBT_PROJECT / "seeds"
# What a mart's column of decimals says about its unit (warehouse/publication/marts.py).
_UNITS = {"unit", "unit_column", "unit_note"}


@dataclass(frozen=True)
class Node:
    """A model, seed or unit test as its yml declares it, with the line of its entry."""

    path: Path
    line: int
    content: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.content.get("name"))

    @property
    def columns(self) -> list[dict[str, Any]]:
        return self.content.get("columns") or []

    def problem(self, message: str) -> str:
        return f"{self.path}:{self.line}: {self.name}{message}"


def _kinds() -> tuple[tuple[str, Path, str], ...]:
    return ("models", MODELS, ".sql"), ("seeds", SEEDS, ".csv")


def declared(kind: str, folder: Path) -> Iterator[Node]:
    """Yield every node of a kind (models, seeds, unit_tests) declared in a folder."""
    for path in sorted(folder.rglob("*.yml")):
        file = YamlFile(path)
        for i, content in enumerate((file.data or {}).get(kind) or []):
            yield Node(path, file.line((kind, i)), content)


def invalid_yml() -> list[str]:
    """Files that are not valid YAML."""
    folders = (MODELS, SEEDS)
    return [
        problem
        for folder in folders
        for path in sorted(folder.rglob("*.yml"))
        for problem in YamlFile(path).problems
    ]


def undescribed_nodes() -> list[str]:
    """Models and seeds without a yml in their folder that states their grain first."""
    found = []
    for kind, folder, suffix in _kinds():
        nodes = {node.name: node for node in declared(kind, folder)}
        for file in sorted(folder.rglob(f"*{suffix}")):
            node = nodes.pop(file.stem, None)
            if node is None or node.path.parent != file.parent:
                found.append(f"{file}:1: add it to a yml beside it")
            elif not node.content.get("description", "").startswith("One row per "):
                found.append(node.problem(": begin its description with 'One row per ...'"))
        found += [node.problem(" does not exist: remove it") for node in nodes.values()]
    return found


def undescribed_columns() -> list[str]:
    """Columns without a description; staging has its columns from the contracts."""
    found = []
    for kind, folder, _ in _kinds():
        for node in declared(kind, folder):
            if not node.columns and "staging" not in node.path.parts:
                found.append(node.problem(": list and describe its columns"))
            found += [
                node.problem(f".{column['name']}: describe it")
                for column in node.columns
                if not column.get("description")
            ]
    return found


def untitled_marts() -> list[str]:
    """Marts and columns without type, Chinese title or unit, or with a title that is not unique."""
    found = []
    marts = list(declared("models", MODELS / "marts"))
    for node in marts:
        if not _title(node.content):
            found.append(node.problem(": give it config.meta.title_zh"))
        found += [
            node.problem(f".{column['name']}: give it config.meta.title_zh and data_type")
            for column in node.columns
            if not _title(column) or "data_type" not in column
        ]
        found += [
            node.problem(f".{column['name']}: give it config.meta.unit, unit_column or unit_note")
            for column in node.columns
            if column.get("data_type") == "double" and not _UNITS & _meta(column).keys()
        ]
        found += [
            node.problem(f": the title {title} names {count} columns")
            for title, count in Counter(map(_title_with_unit, node.columns)).items()
            if count > 1
        ]
    titles = Counter(_title(node.content) for node in marts)
    for node in marts:
        title = _title(node.content)
        if titles[title] > 1:
            found.append(node.problem(f": the title {title} names {titles[title]} marts"))
    return found


def _meta(content: dict[str, Any]) -> dict[str, Any]:
    return content.get("config", {}).get("meta", {})


def _title(content: dict[str, Any]) -> str:
    return str(_meta(content).get("title_zh") or "")


def _title_with_unit(column: dict[str, Any]) -> str:
    return titled(_title(column), _meta(column).get("unit"), column.get("data_type", ""))


def problems() -> list[str]:
    """Return every problem that the functions above find."""
    return invalid_yml() or [*undescribed_nodes(), *undescribed_columns(), *untitled_marts()]
