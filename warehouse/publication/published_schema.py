"""The columns that readers rely on, and the version that says when they changed.

`published_schema.yml` lists the columns of every mart. It is written by `make generate` from the
dbt project, which raises the version as it does so: by a major step when a table or column went
or changed its type, by a minor one when something was added. A test fails when it has drifted.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.publication.marts import Mart

FILE = Path(__file__).with_name("published_schema.yml")
_HEAD = """\
# Written by `make generate` from the dbt project; never by hand. The columns of the published marts
# and their version: major when one went or changed its type, minor when one was added.
"""
Tables = Mapping[str, Mapping[str, str]]


def _content() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@cache
def schema_version() -> str:
    """The version of the published schema: major.minor.0."""
    return str(_content()["version"])


def listed() -> Tables:
    """Table, column, type as the file has them."""
    return _content()["tables"]


def tables(marts: Iterable[Mart]) -> Tables:
    """Table, column, type as the dbt project declares them."""
    return {
        mart.name: {column.name: column.data_type for column in mart.columns.values()}
        for mart in marts
    }


def next_version(version: str, old: Tables, new: Tables) -> str:
    """The version of `new` when `old` has that version."""

    def flat(content: Tables) -> dict[tuple[str, str], str]:
        return {(t, c): kind for t, columns in content.items() for c, kind in columns.items()}

    before, after = flat(old), flat(new)
    major, minor, _ = (int(part) for part in version.split("."))
    if any(after.get(column) != kind for column, kind in before.items()):
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if before.keys() != after.keys() else version


def text(marts: Iterable[Mart]) -> str:
    """Return the file's content for these marts, with the version raised where they differ."""
    new = {table: dict(columns) for table, columns in tables(marts).items()}
    version = next_version(schema_version(), listed(), new) if FILE.exists() else "1.0.0"
    content = yaml.safe_dump({"version": version, "tables": new}, sort_keys=False, width=100)
    return _HEAD + content
