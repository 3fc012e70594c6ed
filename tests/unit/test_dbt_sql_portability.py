"""The models' SQL runs on DuckDB and on Spark: the lint over the project, and the lint itself."""

from pathlib import Path

import pytest

from orchestration.dbt_build import lint
from orchestration.dbt_build.render import Renderer, RenderError


def test_models_and_macros_are_portable() -> None:
    """All offences at once, each with its place and remedy."""
    found = lint.problems()
    assert not found, "SQL that does not run on both engines:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select x::int from t", "a cast with ::"),
        ("select a, b, from t", "a trailing comma"),
        ("select (a, b,) from t", "a trailing comma"),
        ("select count(*) from t qualify row_number() over () = 1", "qualify"),
        ('select "x" from t', "a quoted identifier"),
        ("select * exclude (a) from t", "* exclude"),
        ("select * replace (a + 1 as a) from t", "* exclude or * replace"),
        ("select cast(x as varchar) from t", "bare varchar"),
        ("select list(x) from t", "list(): write array_agg"),
        ("select quantile_cont(x, 0.5) from t", "quantile_cont()"),
        ("select arg_max(a, b) from t", "arg_max(): write max_by"),
        ("select string_agg(x, ';') from t", "string_agg()"),
        ("select concat(a, b) from t", "concat()"),
        ("select dayofweek(d) from t", "dayofweek()"),
        ("select a from t asof join u on t.a >= u.a", "an asof join"),
        ("select a from t union all by name select a from u", "union by name"),
        ("select a + 1 as b from t where b > 1", "the alias b in WHERE"),
        ("select b + 1 as c from (select a as b from t) as u where c > 1", "the alias c in WHERE"),
        ("select 100.0 * a / x from t", "a decimal literal in arithmetic"),
        ("select a / 100.0 from t", "a decimal literal in arithmetic"),
        ("select cast(round(a, 2) as string) from t", "round() as text"),
        ("select a from", "not the SQL of duckdb"),
        ("select 'a from t", "not the SQL of duckdb"),
    ],
)
def test_what_does_not_run_on_both_engines_is_found(sql: str, message: str) -> None:
    found = [o.message for o in lint.offences(sql, "duckdb", {"t": ["a", "x", "d"]})]
    assert [m for m in found if m.startswith(message)], found


@pytest.mark.parametrize(
    "sql",
    [
        "select '::', 'list(', '\"' from t -- qualify, varchar",
        "select count(*), max(x) filter (where y) from t",
        "select 'x' as area from t where area = 'y'",
        "select a as b from t where b > 1",  # the columns of t are not known
        "select list, string_agg from t",
        "select 100e0 * a / x, a * 2, a + 0.5, cast(round(a, 2) as bigint) from t where a > 1.5",
        "select cast(x as string) || 'y' as a from t union all select a from u",
        "select max_by(a, b), percentile_cont(0.5) within group (order by x) from t",
    ],
)
@pytest.mark.parametrize("engine", lint.ENGINES)
def test_what_runs_on_both_engines_passes(sql: str, engine: str) -> None:
    known = {"t": ["area", "a", "b", "x", "y", "*"]}
    assert not list(lint.offences(sql, engine, known))


MACROS = """\
{# string_agg #}
{% macro texts(x) -%}
  {{ return(adapter.dispatch('texts')(x)) }}
{%- endmacro %}

{% macro default__texts(x) -%}
  array_agg({{ x }})
{%- endmacro %}

{% macro duckdb__texts(x) -%}
  list({{ x }})
{%- endmacro %}

{% macro whole(x) -%}
  cast(
    {{ x }}::int as bigint
  )
{%- endmacro %}

{% materialization odd, adapter='duckdb' %}
  create table "x" as {{ sql }}
{% endmaterialization %}

{% test is_short(model, column) %}
select {{ column }} from {{ model }}
qualify length({{ column }}) > 9
{% endtest %}
"""
MODEL = """\
{% set names = ['a', 'b'] %}
select
  {{ texts('x') }} as xs,
  {{ adapter.dispatch('texts')('y') }} as ys, {% for n in names %}{{ n }}, {% endfor %}
  {{ whole('z') }} as z
from {{ ref('t') }}
"""
YML = """\
models:
  - name: m
    columns: [{name: a}]
    data_tests:
      - is_short: {arguments: {column: a}}
      - unique
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project of one model, whose macros are one engine's, portable and not."""
    for name, text in {
        "dbt_project.yml": "vars: {}",
        "macros/m.sql": MACROS,
        "models/m.sql": MODEL,
        "models/m.yml": YML,
        "models/lake.yml": "sources: []",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_problems_name_the_line_of_the_macro_and_leave_out_those_of_one_engine(
    project: Path,
) -> None:
    place = f"{project}/macros/m.sql"
    assert lint.problems(project) == [
        f"{place}:16: a cast with ::: write cast(x as type)",
        f"{place}:26: qualify: rank in a CTE and filter in the next one",
    ]


def test_each_engine_gets_its_own_macro(project: Path) -> None:
    [of_duckdb], [of_spark] = (list(Renderer(engine, project).models()) for engine in lint.ENGINES)
    assert "list(x)" in of_duckdb.sql and "array_agg(x)" not in of_duckdb.sql
    assert "array_agg(x)" in of_spark.sql and "list(x)" not in of_spark.sql
    assert of_spark.columns == ("a",)


def test_what_follows_a_macro_on_its_line_is_placed_in_the_model(project: Path) -> None:
    (project / "models" / "m.sql").write_text(
        "select\n  {{ texts('x') }}::string as xs\nfrom t", encoding="utf-8"
    )
    assert f"{project}/models/m.sql:2: a cast with ::" in lint.problems(project)[-1]


def test_a_template_that_cannot_be_rendered_is_named(project: Path) -> None:
    (project / "models" / "m.sql").write_text("select {{ texts( }} from t", encoding="utf-8")
    with pytest.raises(RenderError, match=r"models/m\.sql:1: "):
        lint.problems(project)
