"""What a load imports before it knows whether anything is new."""

import subprocess
import sys

_SCRIPT = """
import logging, sys
import orchestration.definitions, orchestration.outcome
slow = (
    *("dbt.cli", "dbt.adapters", "dbt.contracts", "great_expectations", "pandera"),
    "pyspark",
)
print(*sorted(name for name in sys.modules if name.startswith(slow)))
handlers = list(logging.getLogger().handlers)
from orchestration.dbt_build.runner import import_dbt
import_dbt()
print("dbt.cli" in sys.modules, logging.getLogger().handlers == handlers)
"""


def test_definitions_import_neither_dbt_nor_the_libraries_of_checks() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # dbt comes when it is used, and leaves the root logger as it was.
    assert done.stdout.splitlines() == ["", "True True"]
