"""Rules that keep the models' SQL running on DuckDB and on Spark alike, checked on parsed SQL.

What sqlglot cannot parse as the SQL of an engine, what one engine lacks, and what both run with
different results is a problem; each names file, line and remedy. A construct on which the engines
differ belongs behind a dispatch macro in dbt_project/macros/engine.sql: the macros there that are
one engine's own (`duckdb__`, `spark__`, `default__`) are exempt.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlglot import Dialect, ParseError, TokenError, TokenType, exp
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.tokens import Token

from orchestration.dbt_build.render import Renderer
from orchestration.dbt_build.runner import DBT_PROJECT

ENGINES = ("duckdb", "spark")
_OWN_MACRO = re.compile(
    r"\{%-?\s*macro\s+(?:duckdb|spark|default)__.*?\{%-?\s*endmacro\s*-?%\}", re.DOTALL
)

_FUNCTIONS: Mapping[str, str] = {
    "arg_max": "write max_by",
    "arg_min": "write min_by",
    "concat": "write a || b: with null they differ",
    "dayofweek": "count days from a known Monday: the numbers differ",
    "list": "write array_agg(x)",
    "quantile_cont": "write percentile_cont(p) within group (order by x)",
    "string_agg": "use the macro joined_values",
}
_BEFORE_WHICH_NO_COMMA = {
    *(TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.ORDER_BY, TokenType.R_PAREN),
}


@dataclass(frozen=True)
class Offence:
    """What breaks a rule, at an offset of the SQL."""

    offset: int
    message: str


def _spelling(token: Token, following: TokenType | None, spelled: str) -> str | None:
    """Return what is wrong with the spelling of a cast, a function or a name, or None."""
    kind, name = token.token_type, spelled.lower()
    if kind is TokenType.DCOLON and spelled.startswith("::"):  # 0L has one that is not written
        return "a cast with ::: write cast(x as type)"
    if kind in (TokenType.VARCHAR, TokenType.TEXT) and name == "varchar":
        return "bare varchar: write string"
    if kind is TokenType.IDENTIFIER:
        return "a quoted identifier: use plain names"
    if kind is TokenType.COMMA and following in _BEFORE_WHICH_NO_COMMA:
        return "a trailing comma: take the comma away"
    if following is TokenType.L_PAREN and name in _FUNCTIONS:
        return f"{name}(): {_FUNCTIONS[name]}"
    return None


def _token_offences(tokens: Sequence[Token], sql: str) -> Iterator[Offence]:
    """Yield offences of spelling, which parsed SQL does not show."""
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        spelled = sql[token.start : token.end + 1]
        if message := _spelling(token, after.token_type if after else None, spelled):
            yield Offence(token.start, message)


def _offset(node: exp.Expr) -> int:
    """Return where a node begins, as near as the parser remembers it."""
    return min((int(n.meta["start"]) for n in node.walk() if "start" in n.meta), default=0)


def _is_star_with_changes(node: exp.Expr) -> bool:
    return isinstance(node, exp.Star) and any(
        node.args.get(change) for change in ("except_", "except", "replace", "rename")
    )


def _is_decimal_in_arithmetic(node: exp.Expr) -> bool:
    """Whether it multiplies or divides by a literal like 100.0, whose type is decimal."""
    return isinstance(node, exp.Mul | exp.Div) and any(
        isinstance(side, exp.Literal)
        and not side.is_string
        and re.fullmatch(r"\d*\.\d+", side.name)
        for side in (node.this, node.expression)
    )


def _is_rounded_text(node: exp.Expr) -> bool:
    """Whether it casts a result of round() to text."""
    return (
        isinstance(node, exp.Cast)
        and isinstance(node.this, exp.Round)
        and node.to.this in exp.DataType.TEXT_TYPES
    )


# A test of a node of the syntax tree, and the message for those that fulfil it.
_NODES: tuple[tuple[Callable[[exp.Expr], bool], str], ...] = (
    (lambda n: isinstance(n, exp.Qualify), "qualify: rank in a CTE and filter in the next one"),
    (_is_star_with_changes, "* exclude or * replace: name the columns"),
    (
        lambda n: isinstance(n, exp.Join) and n.args.get("method") == "ASOF",
        "an asof join: join on the condition and rank",
    ),
    (
        lambda n: isinstance(n, exp.SetOperation) and bool(n.args.get("by_name")),
        "union by name: name the columns in the same order",
    ),
    (
        _is_decimal_in_arithmetic,
        "a decimal literal in arithmetic: write 100e0, the digits of decimals differ",
    ),
    (_is_rounded_text, "round() as text: write plain_text(rounded(x, digits)), the digits differ"),
)


def _source_columns(source: exp.Expr | Scope, tables: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the columns of what a select reads from, `*` for those that are not known."""
    if isinstance(source, Scope):
        query = source.expression
        return set(query.named_selects) if isinstance(query, exp.Query) else {"*"}
    return set(tables.get(source.name, ("*",)))


def _alias_offences(tree: exp.Expr, tables: Mapping[str, Sequence[str]]) -> Iterator[Offence]:
    """Yield aliases of a select list that its own WHERE uses: Spark does not know them there.

    `tables` are the columns of the tables that are known.
    """
    for scope in traverse_scope(tree):
        where = scope.expression.args.get("where")
        if where is None:
            continue
        aliases = {e.alias for e in scope.expression.expressions if isinstance(e, exp.Alias)}
        known = {c for _, s in scope.selected_sources.values() for c in _source_columns(s, tables)}
        if "*" in known:
            continue
        for column in where.find_all(exp.Column):
            of_this = column.find_ancestor(exp.Select) is scope.expression
            if of_this and not column.table and column.name in aliases - known:
                message = f"the alias {column.name} in WHERE: filter in the query around it"
                yield Offence(_offset(column), message)


def offences(
    sql: str, engine: str, tables: Mapping[str, Sequence[str]] | None = None
) -> Iterator[Offence]:
    """Yield what keeps a query of one engine (`duckdb`, `spark`) from running alike on the other.

    `tables` are the columns of the tables that it may read, where they are known.
    """
    dialect = Dialect.get_or_raise(engine)
    try:
        tokens = dialect.tokenize(sql)
        trees = dialect.parser().parse(tokens, sql)
    except TokenError as error:
        yield Offence(0, f"not the SQL of {engine}: {error}")
        return
    except ParseError as error:
        first = error.errors[0]
        at = _line_offset(sql, first["line"]) + max(first["col"] - len(first["highlight"]), 0)
        yield Offence(at, f"not the SQL of {engine}: {first['description']}")
        return
    yield from _token_offences(tokens, sql)
    for tree in trees:
        if tree is None:
            continue
        for node in tree.walk():
            for fulfils, message in _NODES:
                if fulfils(node):
                    yield Offence(_offset(node), message)
        yield from _alias_offences(tree, tables or {})


def _line_offset(sql: str, line: int) -> int:
    return sum(len(text) + 1 for text in sql.split("\n")[: line - 1])


@cache
def _own_lines(path: Path) -> frozenset[int]:
    """Return the lines of a file that belong to macros of one engine."""
    text = path.read_text(encoding="utf-8")
    lines: set[int] = set()
    for macro in _OWN_MACRO.finditer(text):
        first = text.count("\n", 0, macro.start()) + 1
        lines.update(range(first, first + macro[0].count("\n") + 1))
    return frozenset(lines)


def problems(project: Path = DBT_PROJECT) -> list[str]:
    """Return what breaks a rule in the models and tests of a dbt project, each place once.

    Raises RenderError when a template cannot be rendered.
    """
    found: dict[tuple[str, int, str], None] = {}
    for engine in ENGINES:
        renderer = Renderer(engine, project)
        models = list(renderer.models())
        tables = {model.name: model.columns for model in models if model.columns}
        for rendered in (*models, *renderer.tests()):
            for offence in offences(rendered.sql, engine, tables):
                file, line = rendered.place(offence.offset)
                if line not in _own_lines(project / file):
                    found[file, line, offence.message] = None
    return [f"{project / file}:{line}: {message}" for file, line, message in sorted(found)]
