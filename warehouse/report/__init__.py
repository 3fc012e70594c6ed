"""The published report: static pages in Chinese, made from a finished DuckDB file.

`pages.yml` declares the pages. A page is an entry there and the queries `queries/<page>/*.sql`:
the result of each query is embedded in the page under the query's name, and the page's scripts
render it.
Column titles are those of the views in schema bi; what the marts declare as not public cannot be
queried. Where the file lacks a mart, its part of the page is left out, so that pages can be made of
older publications too.

日警示, 周分析 and 月通报 are pages too; an edition of them (`warehouse.output.bulletins`) is one
for one period, which is kept.

A page contains its data; style, scripts and charts are files in `assets/` beside the pages. The
folder works from a disk as from a web server and makes no request beyond itself. An edition
contains all of these and can be forwarded as one file.
"""

from warehouse.report.pages import (
    EDITIONS_PAGE,
    FIRST_PAGE,
    IssuedEdition,
    Surroundings,
    write,
    write_edition,
)

__all__ = [
    "EDITIONS_PAGE",
    "FIRST_PAGE",
    "IssuedEdition",
    "Surroundings",
    "write",
    "write_edition",
]
