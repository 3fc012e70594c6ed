"""Running the warehouse: Dagster definitions, intake, monitoring, the `eco` command line."""
