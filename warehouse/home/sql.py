"""Putting values into SQL text where DuckDB takes no parameter (paths, names)."""


def literal(text: object) -> str:
    """A text as an SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
