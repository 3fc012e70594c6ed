"""dagster_dbt's asset decorator and translator, imported without dbt itself.

dagster_dbt imports dbt, which takes longer than Dagster, in order to run it. Here only the
definitions of assets come from it, which read dbt's manifest, and dbt is run by
`orchestration.dbt_build.runner`: a load with nothing new, the web UI and the daemon do without.
"""

import sys

# dagster_dbt is meant to work where dbt-core is not installed, and looks for this module first.
_DBT = "dbt.version"

if _DBT in sys.modules:
    from dagster_dbt import DagsterDbtTranslator, dbt_assets
else:
    sys.modules[_DBT] = None  # type: ignore[assignment]
    try:
        from dagster_dbt import DagsterDbtTranslator, dbt_assets
    finally:
        del sys.modules[_DBT]

__all__ = ["DagsterDbtTranslator", "dbt_assets"]
