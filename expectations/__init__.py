"""Checks of a candidate with Great Expectations, before it is published.

`suites/*.yml` declare the checks, the seed rules.csv their severities and bounds with reasons.
`catalogue()` lists both without loading Great Expectations; `run_checks()` runs them on a finished
DuckDB file and writes the Data Docs. The top of `suites/publication.yml` describes how to add a
check.
"""

from expectations.checkpoint import CheckError, CheckReport, CheckResult, run_checks
from expectations.declarations import CatalogueEntry, SuiteError, catalogue

__all__ = [
    "CatalogueEntry",
    "CheckError",
    "CheckReport",
    "CheckResult",
    "SuiteError",
    "catalogue",
    "run_checks",
]
