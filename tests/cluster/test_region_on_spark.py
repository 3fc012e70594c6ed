"""The roll-ups of a region on Spark: equal to those of DuckDB, in types and rows."""

import math
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.cluster.loads import missing
from tests.made_up_region import make_region
from warehouse.region import layer
from warehouse.region.members import Region
from warehouse.region.roll_ups import TABLES

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "")]


def tables(region: Region) -> dict[str, tuple[Any, list[tuple]]]:
    """Return columns with their types, and the rows, of each table of roll-ups."""
    found = {}
    with duckdb.connect(str(region.database), read_only=True) as connection:
        for name in TABLES:
            rows = connection.sql(f"from region.{name} order by all")
            types = dict(zip(rows.columns, map(str, rows.types), strict=True))
            found[name] = types, rows.fetchall()
    return found


def test_roll_ups_are_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    region = make_region(tmp_path)
    monkeypatch.setenv("ECO_ENGINE", "duckdb")
    layer.publish(region)
    expected = tables(region)
    region.database.unlink()
    monkeypatch.setenv("ECO_ENGINE", "spark")
    monkeypatch.setenv("ECO_SPARK_MASTER", "local[2]")
    layer.publish(region)
    found = tables(region)
    assert found.keys() == expected.keys() and found
    for name, (types, rows) in expected.items():
        assert found[name][0] == types
        assert len(found[name][1]) == len(rows) > 0
        for ours, theirs in zip(found[name][1], rows, strict=True):
            for value, wanted in zip(ours, theirs, strict=True):
                if isinstance(wanted, float):
                    assert math.isclose(value, wanted, rel_tol=1e-9)
                else:
                    assert value == wanted
    assert not (region.state / "spark").exists()
