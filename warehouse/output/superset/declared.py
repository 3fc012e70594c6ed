"""The dashboards as declared in dashboards.yml, compared with the marts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from warehouse.output.superset.charts import Chart
from warehouse.publication.marts import Mart

_DECLARED = Path(__file__).with_name("dashboards.yml")
# Superset's grid has 12 columns.
_COLUMNS = 12


class DeclarationError(ValueError):
    """A dashboard names a mart, column, metric or chart that is not there."""


@dataclass(frozen=True)
class Filter:
    """A filter above a dashboard: values of one column, with values chosen at the start."""

    title: str
    mart: str
    column: str
    charts: tuple[str, ...]
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: filters, and rows of charts, each with its name, width and height in cells."""

    slug: str
    title: str
    description: str
    filters: tuple[Filter, ...]
    rows: tuple[tuple[tuple[str, int, int], ...], ...]


@dataclass(frozen=True)
class Declarations:
    """What dashboards.yml holds."""

    palettes: Mapping[str, Mapping[str, str]]
    charts: Mapping[str, Chart]
    dashboards: tuple[Dashboard, ...]


def read_declarations(path: Path = _DECLARED) -> Declarations:
    """Return the dashboards as declared."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    charts = {
        name: Chart(
            name,
            declared.pop("title"),
            declared.pop("mart"),
            declared.pop("kind"),
            tuple(declared.pop("metrics", ())),
            declared.pop("where", None),
            declared,
        )
        for name, declared in content["charts"].items()
    }
    dashboards = tuple(
        Dashboard(
            slug,
            declared["title"],
            declared["description"],
            tuple(
                Filter(
                    each["title"],
                    each["mart"],
                    each["column"],
                    tuple(each["charts"]),
                    tuple(each.get("chosen", ())),
                )
                for each in declared.get("filters", ())
            ),
            tuple(
                tuple((name, width, row["height"]) for name, width in row["charts"].items())
                for row in declared["rows"]
            ),
        )
        for slug, declared in content["dashboards"].items()
    )
    return Declarations(content["palettes"], charts, dashboards)


def check(declared: Declarations, marts: Mapping[str, Mart]) -> None:
    """Compare the declarations with the public marts. Raises DeclarationError with all mistakes."""
    mistakes = [
        *(mistake for chart in declared.charts.values() for mistake in _of_chart(chart, marts)),
        *(m for each in declared.dashboards for m in _of_dashboard(each, declared.charts, marts)),
    ]
    if mistakes:
        raise DeclarationError("; ".join(mistakes))


def _of_chart(chart: Chart, marts: Mapping[str, Mart]) -> Iterator[str]:
    mart = marts.get(chart.mart)
    if mart is None:
        yield f"chart {chart.name}: there is no public mart {chart.mart}"
        return
    known = {metric.name for metric in mart.metrics}
    for metric in chart.metrics:
        if isinstance(metric, str) and metric not in known:
            yield f"chart {chart.name}: {mart.name} has no metric {metric}"
    public = mart.public_columns(mart.columns)
    for column in chart.columns:
        if column not in public:
            yield f"chart {chart.name}: {mart.name} has no public column {column}"


def _of_dashboard(
    dashboard: Dashboard, charts: Mapping[str, Chart], marts: Mapping[str, Mart]
) -> Iterator[str]:
    named = {name for row in dashboard.rows for name, _, _ in row}
    named |= {name for each in dashboard.filters for name in each.charts}
    for name in sorted(named - charts.keys()):
        yield f"dashboard {dashboard.slug}: there is no chart {name}"
    for number, row in enumerate(dashboard.rows, start=1):
        if sum(width for _, width, _ in row) > _COLUMNS:
            yield f"dashboard {dashboard.slug}: row {number} is wider than {_COLUMNS} columns"
    for each in dashboard.filters:
        if each.mart not in marts or each.column not in marts[each.mart].columns:
            yield f"dashboard {dashboard.slug}: no column {each.mart}.{each.column} to filter by"
