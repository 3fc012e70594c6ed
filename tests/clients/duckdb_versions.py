"""Open a home's published file with several versions of DuckDB, each in an environment of its own.

    python -m tests.clients.duckdb_versions --home data [VERSION ...]

Prints for each version how many marts and rows it reads, and whether these and the sums of the
indicators' values are those that this installation reads. The environments are removed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from warehouse.home.layout import Home

VERSIONS = ("1.0.0", "1.1.3", "1.2.2", "1.3.2", "1.4.4", "1.5.5", "2.0.1")
_READ = """
import json, sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
tables = [t for (t,) in connection.execute(
    "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
).fetchall()]
rows = sum(connection.execute(f'select count(*) from marts."{t}"').fetchone()[0] for t in tables)
views = connection.execute('select count(*) from bi."指标进展"').fetchone()[0]
total = connection.execute("select round(sum(value), 6) from marts.indicator_values").fetchone()[0]
comments = connection.execute(
    "select count(comment) from duckdb_columns() where schema_name in ('marts', 'bi')"
).fetchone()[0]
print(json.dumps([len(tables), rows, views, total, comments]))
"""


def read_with(python: Path | str, database: Path) -> list[float]:
    """Return numbers of marts, rows, rows of a view, a sum of values, numbers of comments."""
    done = subprocess.run(
        [str(python), "-c", _READ, str(database)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def main() -> int:
    """Compare the versions; return 1 when one does not read the file, or reads it differently."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("versions", nargs="*", default=VERSIONS)
    arguments = parser.parse_args()
    database = Home.at(arguments.home).database
    wanted = read_with(sys.executable, database)
    print("here   :", *wanted)
    failed = 0
    for version in arguments.versions:
        with tempfile.TemporaryDirectory() as folder:
            python = Path(folder) / "bin" / "python"
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run(
                [python, "-m", "pip", "install", "--quiet", f"duckdb=={version}"], check=True
            )
            try:
                found = read_with(python, database)
                verdict = "the same" if found == wanted else "DIFFERS"
                print(f"{version:7}:", *found, verdict, flush=True)
                failed += found != wanted
            except RuntimeError as error:
                failed += 1
                print(f"{version:7}: FAILED {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
