"""Great Expectations on what is about to be published.

`suites/*.yml` declare the checks, the seed rules.csv how strictly each is meant and why;
`catalogue()` lists both without loading Great Expectations, `run_checks()` runs them over a
finished DuckDB file and writes the Data Docs. To add a check: the top of `suites/publication.yml`.
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
