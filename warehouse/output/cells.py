"""Texts in files that spreadsheets open: none may be taken for a formula."""

from warehouse.home.sql import identifier, literal

_RUNS_AS_FORMULA = r"^[=+\-@\t\r]"


def safe_text(column: str) -> str:
    """Return SQL for a text column's value such that no spreadsheet takes it for a formula."""
    name = identifier(column)
    return (
        f"case when regexp_matches({name}, {literal(_RUNS_AS_FORMULA)}) "
        f"then '''' || {name} else {name} end as {name}"
    )


def safe_cell(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
