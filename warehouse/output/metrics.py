"""The metrics that the marts declare, each with its figure in a publication."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.home.sql import identifier
from warehouse.publication.marts import Mart, Metric


@dataclass(frozen=True)
class Figure:
    """A metric of a mart and its value; None where there is nothing to make it of."""

    mart: Mart
    metric: Metric
    value: float | None

    @property
    def text(self) -> str:
        """The value with its decimals and unit, — where there is none."""
        if self.value is None:
            return "—"
        unit = self.metric.unit if self.metric.unit == "%" else f" {self.metric.unit}"
        return f"{self.value:.{self.metric.decimals}f}{unit}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"mart": self.mart.name, **self.metric.to_dict(), "value": self.value}


def figures(connection: duckdb.DuckDBPyConnection, marts: Mapping[str, Mart]) -> list[Figure]:
    """Return the figures of the public marts, in their order.

    The connection has the views of `public.create_views`.
    """
    found = []
    for mart in marts.values():
        if not mart.metrics or not mart.is_public:
            continue
        selected = ", ".join(
            f"(select {metric.expression} from {identifier(mart.name)} where {metric.for_one})"
            for metric in mart.metrics
        )
        row = connection.execute(f"select {selected}").fetchone()
        found += [
            Figure(mart, metric, None if value is None else float(value))
            for metric, value in zip(mart.metrics, row or (), strict=True)
        ]
    return found
