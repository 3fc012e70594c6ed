"""Running it: Dagster definitions, the intake of landing folders, the `eco` command line."""
