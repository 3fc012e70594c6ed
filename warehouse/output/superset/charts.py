"""Form data of Superset's charts, made from their declarations in dashboards.yml.

A kind of chart is one function. Form data is the JSON that Superset keeps as `params` of a chart;
its keys are those of the plug-in that `viz_type` names (Superset 6.1).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.publication.marts import Mart, Metric

FormData = dict[str, Any]
_ROWS = 1000
_DAYS = 10_000


@dataclass(frozen=True)
class Chart:
    """A chart as declared: `options` are the keys that its kind understands.

    `where` is an SQL condition that always holds. `metrics` are names of the mart's metrics, or an
    aggregate of a column, {avg: value}, where a chart shows the rows themselves.
    """

    name: str
    title: str
    mart: str
    kind: str
    metrics: tuple[str | Mapping[str, str], ...] = ()
    where: str | None = None
    options: Mapping[str, Any] | None = None

    @property
    def columns(self) -> Sequence[str]:
        """The columns that its options name."""
        named = [self.option(name, ()) for name in ("columns", "order", "x", "by")]
        listed = [c for each in named for c in ((each,) if isinstance(each, str) else each)]
        return [*listed, *(c for m in self.metrics if not isinstance(m, str) for c in m.values())]

    def option(self, name: str, default: Any = None) -> Any:
        """Return an option, `default` where it is not declared."""
        return (self.options or {}).get(name, default)


def title_of(chart: Chart, mart: Mart) -> str:
    """Return the title of a chart; that of a single figure has its unit."""
    if chart.kind != "number":
        return chart.title
    return f"{chart.title}（{mart.metric(str(chart.metrics[0])).unit}）"


def format_of(metric: Metric) -> str:
    """Return the d3 format of a metric's figures."""
    return f",.{metric.decimals}f"


def form_data(chart: Chart, mart: Mart, palettes: Mapping[str, Mapping[str, str]]) -> FormData:
    """Return the form data of a chart. Raises KeyError for a kind that does not exist."""
    made = _KINDS[chart.kind](chart, mart)
    palette = chart.option("palette")
    if palette:
        made |= {"label_colors": dict(palettes[palette]), "color_scheme": "supersetColors"}
    return {
        "viz_type": made.pop("viz_type"),
        "time_range": "No filter",
        "adhoc_filters": [_condition(chart.where)] if chart.where else [],
        "row_limit": _ROWS,
        **made,
    }


def _condition(where: str) -> FormData:
    return {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": where}


def _metrics(chart: Chart, mart: Mart) -> list[str | FormData]:
    return [each if isinstance(each, str) else _of_column(each, mart) for each in chart.metrics]


def _of_column(aggregate: Mapping[str, str], mart: Mart) -> FormData:
    ((function, column),) = aggregate.items()
    return {
        "expressionType": "SIMPLE",
        "aggregate": function.upper(),
        "column": {"column_name": column},
        "label": mart.columns[column].title_zh,
        "hasCustomLabel": True,
        "optionName": f"metric_{function}_{column}",
    }


def _number(chart: Chart, mart: Mart) -> FormData:
    return {
        "viz_type": "big_number_total",
        "metric": _metrics(chart, mart)[0],
        "subtitle": chart.option("subtitle", ""),
        "y_axis_format": format_of(mart.metric(str(chart.metrics[0]))),
        "header_font_size": 0.4,
        "subtitle_font_size": 0.15,
    }


def _pie(chart: Chart, mart: Mart) -> FormData:
    return {
        "viz_type": "pie",
        "metric": _metrics(chart, mart)[0],
        "groupby": [chart.option("by")],
        "donut": True,
        "show_labels": True,
        "label_type": "key_value",
        "show_legend": True,
        "sort_by_metric": True,
        "number_format": ",d",
    }


def _series(chart: Chart, mart: Mart) -> FormData:
    """Return what bars and lines over an axis share."""
    return {
        "x_axis": chart.option("x"),
        "metrics": _metrics(chart, mart),
        "groupby": _groups(chart),
        "show_legend": True,
        "rich_tooltip": True,
        **_by_time(chart),
    }


def _bar(chart: Chart, mart: Mart) -> FormData:
    return {
        "viz_type": "echarts_timeseries_bar",
        "orientation": chart.option("orientation", "vertical"),
        "stack": "Stack",
        "y_axis_format": ",d",
        "x_axis_sort_asc": True,
        "x_axis_sort": chart.option("x"),
        **_series(chart, mart),
    }


def _line(chart: Chart, mart: Mart) -> FormData:
    return {
        "viz_type": "echarts_timeseries_line",
        "markerEnabled": True,
        "truncateYAxis": True,
        "y_axis_bounds": [None, None],
        "y_axis_format": ",.4~g",
        **_series(chart, mart),
    }


def _groups(chart: Chart) -> list[str]:
    by = chart.option("by", [])
    return [by] if isinstance(by, str) else by


def _by_time(chart: Chart) -> FormData:
    grain = chart.option("grain")
    if not grain:
        return {}
    formats = {"P1Y": "%Y", "P1M": "%Y-%m", "P1D": "%Y-%m-%d"}
    return {"time_grain_sqla": grain, "x_axis_time_format": formats[grain]}


def _table(chart: Chart, mart: Mart) -> FormData:
    columns = list(chart.option("columns"))
    ascending = [[name, True] for name in chart.option("order", ())]
    return {
        "viz_type": "table",
        "query_mode": "raw",
        "all_columns": columns,
        "order_by_cols": [_json_pair(name, value) for name, value in ascending],
        "table_timestamp_format": "%Y-%m-%d",
        "show_cell_bars": False,
        "include_search": True,
        "page_length": chart.option("page", 20),
        "column_config": {
            name: {"d3NumberFormat": ",.4~g"}
            for name in columns
            if mart.columns[name].data_type == "double"
        },
    }


def _json_pair(name: str, ascending: bool) -> str:
    return f'["{name}", {"true" if ascending else "false"}]'


def _heatmap(chart: Chart, mart: Mart) -> FormData:
    return {
        "viz_type": "heatmap_v2",
        "x_axis": chart.option("x"),
        "groupby": chart.option("by"),
        "metric": _metrics(chart, mart)[0],
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_asc",
        "normalize_across": "heatmap",
        "legend_type": "continuous",
        "linear_color_scheme": chart.option("colors"),
        "value_bounds": chart.option("bounds", [None, None]),
        "show_legend": True,
        "show_values": True,
        "bottom_margin": "auto",
        "left_margin": "auto",
        "y_axis_format": ",d",
        **_by_time(chart),
    }


def _calendar(chart: Chart, mart: Mart) -> FormData:
    """A row for each month, a column for each of its days."""
    day = chart.option("x")
    return {
        "viz_type": "heatmap_v2",
        "x_axis": _column("日", f"extract(day from {day})"),
        "groupby": _column("年月", f"extract(year from {day}) * 100 + extract(month from {day})"),
        "metric": _metrics(chart, mart)[0],
        "row_limit": _DAYS,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "normalize_across": "heatmap",
        "legend_type": "piecewise",
        "linear_color_scheme": chart.option("colors"),
        "value_bounds": chart.option("bounds", [None, None]),
        "show_legend": True,
        "show_values": True,
        "bottom_margin": "auto",
        "left_margin": "auto",
        "y_axis_format": "d",
    }


def _column(label: str, expression: str) -> FormData:
    return {"expressionType": "SQL", "label": label, "sqlExpression": expression}


_KINDS: Mapping[str, Callable[[Chart, Mart], FormData]] = {
    "number": _number,
    "pie": _pie,
    "bar": _bar,
    "line": _line,
    "table": _table,
    "heatmap": _heatmap,
    "calendar": _calendar,
}
