"""Files as departments send them, with the right outcome of each, where they are at hand.

The cases and the program that runs them are not part of the project: `../shared`. They go through
`eco init` and `eco ingest`. Without them this is skipped; kinds of the same sort are made in
tests/unit/kinds.py.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SHARED = PROJECT.parent / "shared"
CASES, FILES = SHARED / "cases" / "cases.json", SHARED / "cases" / "files"
PROGRAM = SHARED / "tools" / "run_cases.py"


@pytest.mark.slow
@pytest.mark.skipif(not PROGRAM.is_file(), reason="../shared is not here")
@pytest.mark.skipif(not (PROJECT / ".venv/bin/eco").exists(), reason="no .venv with eco")
def test_every_shared_case_has_its_outcome() -> None:
    count = len(json.loads(CASES.read_text(encoding="utf-8")))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(CASES), str(FILES), "--project", str(PROJECT)],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert f"{count} of {count} cases right" in done.stdout, done.stdout + done.stderr
