"""The tables of docs/operations.md that are written from declarations: variables, state files."""

from collections.abc import Callable

from warehouse.home import settings, state
from warehouse.home.software import PROJECT

PAGE = PROJECT / "docs" / "operations.md"
_TABLES: dict[str, Callable[[], str]] = {
    "<!-- variables: written by `make generate` from warehouse/home/settings.py -->\n": (
        settings.table
    ),
    "<!-- state: written by `make generate` from warehouse/home/state.py -->\n": state.table,
}
_END = "<!-- end of the table -->"


def page(text: str) -> str:
    """Return the text of docs/operations.md with its tables replaced.

    Raises ValueError when the page has no place for a table.
    """
    for begin, table in _TABLES.items():
        head, found, rest = text.partition(begin)
        _, end, tail = rest.partition(_END)
        if not found or not end:
            raise ValueError(f"{PAGE} has no place for a table: {begin.strip()} ... {_END}")
        text = head + begin + table() + end + tail
    return text
