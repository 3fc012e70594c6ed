"""Files generated from contracts, dbt models and Dagster definitions: write them, find stale ones.

`make generate` runs this module; `eco check` and the tests ask `stale_files`. A generator gives
the text of each of its files, or None for a file that must not exist.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.project import operations
from sources.contracts import ContractError, load_contracts
from sources.contracts.derived import derived_files, obsolete_files
from warehouse.home.software import PROJECT


@dataclass(frozen=True)
class Generator:
    """What a group of generated files follows from, and their texts by path in the project."""

    source: str
    files: Callable[[], Mapping[Path, str | None]]


def _from_contracts() -> Mapping[Path, str | None]:
    return {**derived_files(load_contracts()), **dict.fromkeys(obsolete_files(PROJECT))}


def _published_schema() -> Mapping[Path, str | None]:
    from orchestration.release.service import declared_marts
    from warehouse.publication import published_schema

    text = published_schema.text(declared_marts().values())
    return {published_schema.FILE.relative_to(PROJECT): text}


def _entities() -> Mapping[Path, str | None]:
    from orchestration.project import entities
    from orchestration.release.service import declared_marts

    return {entities.PAGE.relative_to(PROJECT): entities.page(list(declared_marts().values()))}


def _formula_fields() -> Mapping[Path, str | None]:
    from orchestration.dbt_build.runner import read_manifest
    from warehouse.output import formula_fields

    return {formula_fields.FILE.relative_to(PROJECT): formula_fields.text(read_manifest())}


def _names() -> Mapping[Path, str | None]:
    from orchestration.definitions import defs
    from orchestration.project import names

    return {names.PAGE.relative_to(PROJECT): names.page(defs)}


def _operations() -> Mapping[Path, str | None]:
    text = operations.page(operations.PAGE.read_text(encoding="utf-8"))
    return {operations.PAGE.relative_to(PROJECT): text}


# In this order: dbt reads what follows from the contracts, Dagster's definitions what dbt parsed.
GENERATORS = (
    Generator("contracts", _from_contracts),
    Generator("settings and state files", _operations),
    Generator("marts", _published_schema),
    Generator("keys", _entities),
    Generator("formulas", _formula_fields),
    Generator("definitions", _names),
)


def _differing(generator: Generator) -> Iterator[tuple[Path, str | None]]:
    for path, text in generator.files().items():
        target = PROJECT / path
        if (target.read_text(encoding="utf-8") if target.exists() else None) != text:
            yield path, text


def stale_files(generator: Generator) -> list[Path]:
    """Return the generated files that are missing, differ or should not exist."""
    return [path for path, _ in _differing(generator)]


def write() -> Iterator[Path]:
    """Write every stale file, remove what should not exist; yield the paths that changed."""
    for generator in GENERATORS:
        for path, text in list(_differing(generator)):
            target = PROJECT / path
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            yield path


def main() -> None:
    """Write the stale files and print their paths; mistakes in the sources are one message."""
    from expectations import SuiteError
    from orchestration.dbt_build.runner import DbtError

    try:
        for changed in write():
            print(changed)
    except (ContractError, SuiteError, DbtError) as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
