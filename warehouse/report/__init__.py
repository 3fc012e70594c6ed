"""The published report: static pages in Chinese, made from a finished DuckDB file.

A page is a template `templates/<page>.html.j2` and the queries `queries/<page>/*.sql`: the result
of each query is embedded in the page under the query's name, and the page's script renders it.
Column titles are those of the views in schema bi. Where the file lacks a mart, its part of the page
is left out, so that pages can be made of older publications too.

日警示, 周分析 and 月通报 are pages too; an edition of them (`warehouse.output.bulletins`) is one
for one period, which is kept.

Every page contains its data, style, script and charts: it works from a folder as from a web server,
can be forwarded as one file, and makes no network request.
"""

from warehouse.report.pages import FIRST_PAGE, write, write_edition

__all__ = ["FIRST_PAGE", "write", "write_edition"]
