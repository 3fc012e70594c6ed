"""The models' SQL must run on DuckDB and on Spark; what either lacks is named here with the remedy.

A construct on which the engines differ belongs behind a dispatch macro in macros/engine.sql.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"

# (what, pattern in the SQL that is left when jinja, comments and strings are taken out, remedy)
FORBIDDEN = [
    ("a cast with ::", r"::", "write cast(x as type)"),
    ("qualify", r"\bqualify\b", "rank in a CTE and filter in the next one"),
    ("list()", r"\blist\s*\(", "write array_agg(x)"),
    ("quantile_cont", r"\bquantile_cont\b", "write percentile_cont(p) within group (order by x)"),
    ("arg_max or arg_min", r"\barg_(max|min)\b", "write max_by or min_by"),
    ("* exclude or * replace", r"\*\s*(exclude|replace)\b", "name the columns"),
    ("an asof join", r"\basof\b", "join on the condition and rank"),
    ("union by name", r"\bby\s+name\b", "name the columns in the same order"),
    ("string_agg", r"\bstring_agg\b", "use the macro joined_values"),
    ("a quoted identifier", r'"', "use plain names; adapter.quote() in the bi views"),
    ("bare varchar", r"\bvarchar\b", "write string"),
    ("concat()", r"\bconcat\s*\(", "write a || b: with null they differ"),
    (
        "dayofweek",
        r"\bdayofweek\b",
        "count days from a known Monday: the numbers differ",
    ),
    (
        "a trailing comma",
        r",\s*(\bfrom\b|\bwhere\b|\bgroup\s+by\b|\border\s+by\b|\))",
        "take the comma away",
    ),
]
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"'(?:[^']|'')*'")
# macros of one engine: their name says which
_ENGINE_MACRO = re.compile(
    r"\{%-?\s*(macro\s+(?:duckdb|spark)__|materialization\b).*?"
    r"\{%-?\s*end(?:macro|materialization)\s*-?%\}",
    re.DOTALL,
)


def _blank(match: "re.Match[str]") -> str:
    """Something of the same number of lines that no pattern matches."""
    return "_" + "\n" * match[0].count("\n")


def bare_sql(text: str) -> str:
    """The SQL without jinja, comments, strings and macros of one engine, line numbers kept."""
    for pattern in (_ENGINE_MACRO, _JINJA, _COMMENT, _STRING):
        text = pattern.sub(_blank, text)
    return text


def offences(text: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong and how to mend it) of a model's or macro's text."""
    sql = bare_sql(text)
    for what, pattern, remedy in FORBIDDEN:
        for match in re.finditer(pattern, sql, re.IGNORECASE):
            yield sql.count("\n", 0, match.start()) + 1, f"{what}: {remedy}"


def _sql_files() -> list[Path]:
    return sorted(
        path
        for folder in ("models", "macros", "tests")
        for path in (DBT_PROJECT / folder).rglob("*.sql")
    )


def test_models_and_macros_are_portable() -> None:
    """All offences at once, each with its place and remedy."""
    found = [
        f"{path.relative_to(DBT_PROJECT)}:{line}: {message}"
        for path in _sql_files()
        for line, message in offences(path.read_text(encoding="utf-8"))
    ]
    assert not found, "SQL that does not run on both engines:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("sql", "offends"),
    [
        ("select x::int from t", True),
        ("select a, b, from t", True),
        ("select count(*) from t qualify row_number() over () = 1", True),
        ('select "x" from t', True),
        ("select * exclude (a) from t", True),
        ("select cast(x as varchar) from t", True),
        ("select '::', 'list(', '\"' from t -- qualify, varchar", False),
        ("select {{ adapter.quote('x') }} from {{ ref('t') }} {# string_agg #}", False),
        ("{% macro duckdb__f(x) %}list({{ x }}){% endmacro %} select 1", False),
        ("select count(*), max(x) filter (where y) from t", False),
    ],
)
def test_the_lint_itself(sql: str, offends: bool) -> None:
    """What it must see and what it must let pass."""
    assert bool(list(offences(sql))) is offends
