"""Why checks refuse a publication: indicator, value, file, row, department and the next command."""

from collections.abc import Mapping
from itertools import islice

import duckdb

from expectations.checkpoint import CheckResult
from expectations.declarations import Expectation, load_expectations
from sources.contracts import Contracts
from warehouse.output.causes import find_causes
from warehouse.publication.candidate import Candidate

LISTED = 10  # failing rows of a check


def _row(row: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in row.items())


def explain(candidate: Candidate, result: CheckResult, contracts: Contracts) -> list[str]:
    """Return a line in Chinese for each failing row of a failed check, at most LISTED."""
    if result.exception:
        return [result.exception]
    declared: Mapping[str, Expectation] = {e.expectation_id: e for e in load_expectations()}
    query = declared[result.expectation_id].failing_rows
    if query is None:
        lines = [_row(row) for row in islice(result.failing_rows, LISTED)]
        return [f"{result.description_zh}：{line}" for line in lines or [str(result.observed)]]
    with duckdb.connect(str(candidate.path), read_only=True) as connection:
        causes = find_causes(connection, query, contracts)
    lines = [
        f"{result.description_zh}：{cause.text_zh}"
        + (f"；查看：{cause.command}" if cause.command else "")
        for cause in causes[:LISTED]
    ]
    if len(causes) > LISTED:
        lines.append(f"{result.description_zh}：另有 {len(causes) - LISTED} 行")
    return lines
