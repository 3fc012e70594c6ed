"""The pages of the report as `pages.yml` declares them.

A page is a module of its own: an entry in `pages.yml` and a folder of queries. A page that only
lists rows needs no more: its `lists` name the queries, and the template `lists.html.j2` shows them
with search, filters, sorting and paging. A page with parts of its own has a template
`<page>.html.j2` and scripts.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

DECLARATIONS = Path(__file__).parent / "pages.yml"


class ListOfRows(BaseModel):
    """A list of the rows of a query: what is shown, what can be filtered.

    `key` is the column that names a row in the address, `title` the one that heads its card, `link`
    the one with the file that its title leads to; `columns` are those of the table (a row's other
    ones, but for `hidden`, are shown when it is opened). `at_most` bounds a list that may grow
    without end: only its first rows are in the page, which says how many there are. `levels` gives
    values of a column a state: good, alert, serious, none, or the code of an indicator's status.
    `digits` are decimals by column, `codes` columns of codes and names that are no Chinese text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    query: str
    title_zh: str
    note_zh: str = ""
    empty_zh: str = "没有记录。"
    key: str = ""
    title: str = ""
    link: str = ""
    columns: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    at_most: int = 0
    levels: Mapping[str, Mapping[str, str]] = {}
    digits: Mapping[str, int] = {}
    codes: tuple[str, ...] = ()


class Page(BaseModel):
    """A page; `name` is that of its file and of its folder of queries.

    `group_zh` is its part of the menu (pages without one are reached by links only), `with_` names
    folders of further queries, `scripts` the scripts beyond those that every page has, `days_back`
    the number of days that it covers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title_zh: str
    heading_zh: str = ""
    intro_zh: str = ""
    group_zh: str = ""
    template: str = "lists"
    with_: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    days_back: int = 0
    lists: tuple[ListOfRows, ...] = ()

    @property
    def file(self) -> str:
        """Name of the page's file."""
        return f"{self.name}.html"


def _page(name: str, content: Mapping[str, Any]) -> Page:
    return Page(name=name, **{("with_" if key == "with" else key): v for key, v in content.items()})


@cache
def pages() -> Mapping[str, Page]:
    """Return the pages by name, in the order of the menu.

    Raises pydantic.ValidationError when a declaration has an unknown or missing entry.
    """
    declared = yaml.safe_load(DECLARATIONS.read_text(encoding="utf-8"))
    return {name: _page(name, content or {}) for name, content in declared.items()}


def menu() -> Mapping[str, list[Page]]:
    """Return the pages of the menu by group."""
    groups: dict[str, list[Page]] = {}
    for page in pages().values():
        if page.group_zh:
            groups.setdefault(page.group_zh, []).append(page)
    return groups
