"""What the yml of the marts declares: titles with units, keys, metrics."""

import pytest
import sqlglot
from sqlglot import exp

from orchestration.release.service import declared_marts
from warehouse.publication.marts import Mart, Metric, _public_rows, titled

MARTS = declared_marts()
METRICS = [(mart, metric) for mart in MARTS.values() for metric in mart.metrics]
ENGINES = ("duckdb", "postgres", "spark")


@pytest.mark.parametrize(
    ("title", "unit", "data_type", "expected"),
    [
        ("PM2.5", "μg/m³", "double", "PM2.5（μg/m³）"),
        ("完成进度", "%", "double", "完成进度（%）"),
        ("pH", "无量纲", "double", "pH"),
        ("数值", None, "double", "数值"),
        ("优良天数", "天", "bigint", "优良天数"),
        ("最大超标倍数", "倍", "double", "最大超标倍数"),
    ],
)
def test_a_title_carries_the_unit(
    title: str, unit: str | None, data_type: str, expected: str
) -> None:
    assert titled(title, unit, data_type) == expected


def test_every_decimal_column_says_its_unit() -> None:
    missing = [
        f"{mart.name}.{column.name}"
        for mart in MARTS.values()
        for column in mart.columns.values()
        if column.data_type == "double" and not column.unit_zh
    ]
    assert missing == []
    pm25 = MARTS["air_quality_daily"].columns["pm25"]
    assert pm25.title_zh == "PM2.5（μg/m³）" and pm25.comment.endswith("Unit: μg/m³")
    value = MARTS["indicator_values"].columns["value"]
    assert value.unit_zh == "见“单位”列"


def test_foreign_keys_lead_to_keys() -> None:
    """Each names a column of the mart, and a table whose key it is."""
    wrong = [
        f"{mart.name}.{column} -> {table}.{key}"
        for mart in MARTS.values()
        for column, (table, key) in mart.foreign_keys.items()
        if column not in mart.columns or MARTS[table].key != (key,)
    ]
    assert wrong == []
    assert sum(len(mart.foreign_keys) for mart in MARTS.values()) > 30


def test_facts_with_a_year_or_month_have_a_date() -> None:
    """`month` is a date everywhere; beside it, or beside a year, stands period_start."""
    columns = {name: mart.columns for name, mart in MARTS.items()}
    months = {n: c["month"].data_type for n, c in columns.items() if "month" in c}
    assert set(months.values()) == {"date"}, months
    facts = [
        name
        for name, mart in MARTS.items()
        if {"year", "month", "review_year"} & {*mart.key} and not name.startswith("dim_")
    ]
    without = [n for n in facts if "period_start" not in columns[n]]
    # Lineage leads to lines of files and is not drawn.
    assert [n for n in without if n != "indicator_lineage"] == []
    assert {c["period_start"].data_type for c in columns.values() if "period_start" in c} == {
        "date"
    }


@pytest.mark.parametrize(("mart", "metric"), METRICS, ids=[m.name for _, m in METRICS])
def test_a_metric_is_an_aggregate_that_every_engine_reads(mart: Mart, metric: Metric) -> None:
    for engine in ENGINES:
        query = f"select {metric.expression} as x from t where {metric.for_one}"
        parsed = sqlglot.parse_one(query, dialect=engine)
        used = {column.name for column in parsed.find_all(exp.Column)}
        assert used | set(metric.per) <= mart.columns.keys(), engine
        assert parsed.find(exp.AggFunc), engine
    assert metric.title_zh and metric.description and metric.decimals >= 0


def test_metrics_are_named_once() -> None:
    names = [metric.name for _, metric in METRICS]
    assert len(names) == len(set(names)) >= 25


def test_rows_of_a_dataset_that_is_not_public_leave_no_mart() -> None:
    """The contract says it; marts name the column that holds the dataset of a row."""
    about_deliveries = {
        "department_scorecard",
        "indicator_lineage",
        "rejected_rows",
        "submissions",
    }
    for mart in MARTS.values():
        if "dataset" in mart.columns and mart.name not in about_deliveries:
            assert "dataset is distinct from 'radiation_sources'" in mart.public_rows, mart.name
    assert "register is distinct from 'radiation_sources'" in MARTS["register_entries"].public_rows
    assert _public_rows({}, ["x"]) == "true"
    assert _public_rows({"public_rows": "a or b", "dataset_column": "d"}, ["x", "y"]) == (
        "(a or b) and (d is distinct from 'x') and (d is distinct from 'y')"
    )


def test_no_person_is_public() -> None:
    persons = [
        (mart.name, column.name)
        for mart in MARTS.values()
        for column in mart.columns.values()
        if "person" in column.name and column.is_public
    ]
    assert persons == []
    assert not MARTS["rejected_rows"].columns["raw_row"].is_public
