"""Asset keys, groups and owners that several definitions share."""

import dagster as dg

LANDING, LAKE, INTAKE, PUBLICATION = "landing", "lake", "intake", "publication"
DATA_TEAM = "team:data_team"  # owner of assets that belong to no department
PUBLISHED = dg.AssetKey([PUBLICATION, "eco"])
SERVED = dg.AssetKey([PUBLICATION, "postgres"])


def landing_key(department: str, dataset: str) -> dg.AssetKey:
    """Return the asset key of a dataset's deliveries by one department."""
    return dg.AssetKey([LANDING, department, dataset])


def lake_key(dataset: str) -> dg.AssetKey:
    """Return the asset key of a dataset's accepted rows."""
    return dg.AssetKey([LAKE, dataset])


def record_key(name: str) -> dg.AssetKey:
    """Return the asset key of a table of the dbt source `intake`."""
    return dg.AssetKey([INTAKE, name])
