"""The published report: static pages in Chinese, made from a finished DuckDB file.

A page is a template `templates/<page>.html.j2` and the queries `queries/<page>/*.sql`: each query's
result lies in the page under the query's name, and the page's script shows it. Titles of columns
are those of the views in schema bi. A mart that the file does not have leaves its part of the page
out, so that older publications can be shown too.

日警示, 周分析 and 月通报 are pages too; an edition (`warehouse.bulletins`) is one of them for one
period, kept.

Every page carries its data, style, script and charts in itself: it works from a folder as from a
web server, can be sent on as one file, and asks nothing of the network.
"""

from warehouse.report.pages import FIRST_PAGE, write, write_edition

__all__ = ["FIRST_PAGE", "write", "write_edition"]
