"""Compare what two versions of the project make of the same files, mart by mart, row by row.

    python -m tests.tools.compare_publications --base COMMIT [--keep DIR]

Each version builds two homes at the same moment of the county's clock: the sample submissions,
and a made-up county that fills every field of every dataset over seven years (seeded; its values
mean nothing and break many checks, so its build file is compared and not a publication). Every
table of the schemas `marts` and `bi` is compared in all columns, floats to 1e-9 relative; what
only one version has, and rows that differ, are printed. Exit code 0: equal; 1: not.

Use it before and after a change that must not alter results: the base is checked out into a
temporary worktree.
"""

import argparse
import csv
import random
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from itertools import product
from math import isclose
from pathlib import Path

import duckdb

from sources.contracts import Contract, Contracts, Field, load_contracts

PROJECT = Path(__file__).parents[2]
SEED = 20261127
YEARS = range(2019, 2026)
MONTHS = (1, 4, 12)
MOST_AREAS = 4
MOST_ROWS = 400
# What follows from the version itself.
IGNORED_COLUMNS = {"software_version", "软件版本"}
SHOWN_ROWS = 5
RELATIVE = 1e-9
# `eco` at a fixed moment of the county's clock, for layouts of the code before and after its rooms.
ECO_AT_FIXED_TIME = """
import importlib, sys
from datetime import UTC, datetime
for name in ("warehouse.home.clock", "warehouse.clock"):
    try:
        clock = importlib.import_module(name)
        break
    except ModuleNotFoundError:
        continue
moment = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
clock.now = lambda: moment
from orchestration.cli import main
sys.exit(main())
"""


def _key_values(field: Field, contracts: Contracts) -> list[str]:
    if field.type == "year":
        return [str(year) for year in YEARS]
    if field.type == "month":
        return [f"{year}-{month:02}" for year in YEARS for month in MONTHS]
    if field.type == "date":
        return [f"{year}-{month:02}-15" for year in YEARS for month in MONTHS]
    if field.type == "datetime":
        return [f"{year}-{month:02}-15 08:00" for year in YEARS for month in MONTHS]
    if field.type == "area":
        return list(contracts.areas.names[:MOST_AREAS])
    if field.type == "township":
        return list(contracts.areas.townships[:MOST_AREAS])
    if field.values:
        return list(field.values)
    return [f"{field.title_zh}甲", f"{field.title_zh}乙"]


def _value(field: Field, chance: random.Random, contracts: Contracts) -> str:
    if field.pattern is not None:
        return chance.choice(field.pattern_examples)
    if field.type in ("int", "float"):
        least = field.minimum if field.minimum is not None else 0.0
        most = field.maximum if field.maximum is not None else least + 10 ** chance.randint(1, 5)
        number = chance.uniform(least, most)
        return f"{number:.0f}" if field.type == "int" else f"{number:.3f}"
    if field.type == "bool":
        return chance.choice(("是", "否"))
    return chance.choice(_key_values(field, contracts))


def made_up_rows(
    contract: Contract, contracts: Contracts, chance: random.Random
) -> Iterator[list[str]]:
    """Yield rows of a dataset, every field filled, one per key; at most MOST_ROWS."""
    keys = [_key_values(field, contracts) for field in contract.key_fields]
    combinations = list(product(*keys))
    for combination in chance.sample(combinations, min(len(combinations), MOST_ROWS)):
        key = dict(zip((f.field for f in contract.key_fields), combination, strict=True))
        yield [key.get(f.field) or _value(f, chance, contracts) for f in contract.fields]


def drop_made_up_county(landing: Path, contracts: Contracts) -> None:
    """Write one CSV per dataset into the folder of the first department that may deliver it."""
    chance = random.Random(SEED)
    for contract in contracts:
        path = landing / contract.departments_allowed[0] / f"{contract.dataset}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([field.title_zh for field in contract.fields])
            writer.writerows(made_up_rows(contract, contracts, chance))


def run_eco(project: Path, home: Path, *arguments: str) -> int:
    """Run `eco` of the version in `project` at the fixed moment; return its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", ECO_AT_FIXED_TIME, *arguments, "--home", str(home)],
        cwd=project,
        env={"PYTHONPATH": str(project), "PATH": "/usr/bin:/bin", "HOME": str(home.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 2):
        raise SystemExit(f"eco {' '.join(arguments)} in {project}:\n{done.stdout}{done.stderr}")
    return done.returncode


def build(project: Path, folder: Path, contracts: Contracts) -> dict[str, Path]:
    """Build both homes with one version; return the DuckDB files to compare, by name."""
    samples, county = folder / "samples", folder / "county"
    run_eco(project, samples, "init", "--demo")
    if run_eco(project, samples, "nightly") != 0:
        raise SystemExit(f"{project}: the samples were not published")
    run_eco(project, county, "init")
    drop_made_up_county(county / "landing", contracts)
    run_eco(project, county, "nightly")
    return {
        "samples": samples / "published" / "eco.duckdb",
        "county": county / "state" / "build" / "eco.duckdb",
    }


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name || ' ' || data_type "
        "from duckdb_columns() where database_name = ? and schema_name in ('marts', 'bi') "
        "order by schema_name, table_name, column_index",
        [database],
    ).fetchall()
    found: dict[str, list[str]] = {}
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _identity(row: tuple[object, ...]) -> str:
    """Return what two rows share that differ in the last digits of their floats only."""
    return repr([f"{v:.6g}" if isinstance(v, float) else v for v in row])


def _alike(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    # DuckDB adds doubles up in parallel: two builds by one version differ in the last digits too.
    return all(
        isclose(a, b, rel_tol=RELATIVE) if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in zip(one, other, strict=True)
    )


def _row_differences(
    table: str, gone: list[tuple[object, ...]], come: list[tuple[object, ...]]
) -> Iterator[str]:
    """Yield a line for each row of one version that has no equal in the other."""
    gone, come = sorted(gone, key=_identity), sorted(come, key=_identity)
    if len(gone) == len(come) and all(map(_alike, gone, come)):
        return
    for name, rows in (("base", gone), ("new", come)):
        yield f"{table}: {len(rows)} row(s) only in the {name}"
        yield from (f"    {row}" for row in rows[:SHOWN_ROWS])


def compare(
    base: Path,
    new: Path,
    *,
    but: Collection[str] = (),
    but_columns: Collection[str] = IGNORED_COLUMNS,
) -> list[str]:
    """Return the differences between the marts of two DuckDB files, a line each.

    The rows of the tables `but` (`schema.name`) and the values of `but_columns` are not compared.
    """
    lines: list[str] = []
    with duckdb.connect() as connection:
        for name, path in (("base", base), ("new", new)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        before, after = _tables(connection, "base"), _tables(connection, "new")
        lines += [f"{table}: only in the base" for table in sorted(before.keys() - after)]
        lines += [f"{table}: only in the new version" for table in sorted(after.keys() - before)]
        for table in sorted(before.keys() & after):
            if before[table] != after[table]:
                changed = sorted(set(before[table]) ^ set(after[table])) or ["their order"]
                lines.append(f"{table}: columns differ: {', '.join(changed)}")
                continue
            if table in but:
                continue
            names = [column.rpartition(" ")[0] for column in before[table]]
            columns = ", ".join(_quoted(n) for n in names if n not in but_columns)
            place = ".".join(_quoted(part) for part in table.split("."))
            gone, come = (
                connection.execute(
                    f"select {columns} from {one}.{place} except all "
                    f"select {columns} from {other}.{place}"
                ).fetchall()
                for one, other in (("base", "new"), ("new", "base"))
            )
            lines += _row_differences(table, gone, come)
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", required=True, help="the commit to compare with")
    parser.add_argument("--keep", type=Path, help="build here, and leave the homes")
    options = parser.parse_args(arguments)
    contracts = load_contracts()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        checkout = Path(temporary) / "base"
        git = ["git", "-C", str(PROJECT), "worktree"]
        subprocess.run([*git, "add", "--detach", str(checkout), options.base], check=True)
        try:
            base = build(checkout, folder / "homes_base", contracts)
            new = build(PROJECT, folder / "homes_new", contracts)
            differences = {name: compare(base[name], new[name]) for name in base}
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=False)
    for name, lines in differences.items():
        print(f"{name}: {f'{len(lines)} difference(s)' if lines else 'equal in all columns'}")
        print("\n".join(f"  {line}" for line in lines), end="\n" if lines else "")
    return 1 if any(differences.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
