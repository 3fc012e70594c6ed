"""Great Expectations on what is about to be published.

`suites/*.yml` declare what must hold, the seed thresholds.csv how strictly and why; `catalogue()`
lists both without loading Great Expectations, `run_checks()` runs them over a finished DuckDB file
and writes the Data Docs. How to add a check is said at the top of `suites/publication.yml`.
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
