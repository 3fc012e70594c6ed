"""docs/guarantees.md: each line names a test, and the named tests exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "guarantees.md").read_text(encoding="utf-8")
PROMISED, _, NOT_PROMISED = PAGE.partition("## What is not promised")
ROWS = [line for line in PROMISED.splitlines() if re.match(r"\| [^-]", line)]
LINES = [row for row in ROWS if not row.endswith("| test |")]


@cache
def functions(path: Path) -> frozenset[str]:
    return frozenset(
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    )


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.split("|")[1].strip()[:40])
def test_each_promise_names_tests_that_exist(line: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", line.split(" | ")[-1])
    assert named, "name the test that holds this promise"
    missing = [f"{path}::{name}" for path, name in named if name not in functions(PROJECT / path)]
    assert not missing


def test_the_page_says_what_is_not_promised() -> None:
    assert len(LINES) > 25
    assert len(re.findall(r"^- \*\*", NOT_PROMISED, re.MULTILINE)) > 5
