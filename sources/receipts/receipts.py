"""What the sender reads: the receipt of a file, in Chinese, as plain text and as a page.

Verdict and remedy come first, then what was read and taken, at the end what is for the files. A
receipt is made from the submissions' manifests and their rejected rows alone, so that it can be
written again after a crash and comes out the same, byte for byte.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple
from urllib.parse import quote

import polars as pl

from sources.contracts import load_contracts
from sources.receipts import TAKEN, TO_CHECK, TO_MEND, wording
from sources.receipts.wording import (
    Record,
    facts,
    filed,
    marks,
    reason_lines,
    remedy,
    sections,
    verdict,
)

Table = tuple[Mapping[str, Any], pl.DataFrame]
_LINE = "-" * 60


def receipt_text(
    submission: Mapping[str, Any], rejected: pl.DataFrame, spreadsheet: str | None = None
) -> str:
    """Return the receipt of one table as plain text.

    `submission` is the manifest: `TableResult.summary()`, beside it or under `details`, with
    submission_id, department, file_name, received_at and sha256. `rejected` are the rejected rows
    as quarantine keeps them; `spreadsheet` the name of the marked spreadsheet, if there is one.
    """
    return "\n".join(_lines(_record(submission), rejected, spreadsheet)) + "\n"


def receipt_page(tables: Sequence[Table], spreadsheet: str | None = None) -> str:
    """Return the receipt of a file as one HTML page.

    `tables` are the file's submissions with their rejected rows, as for `receipt_text`. The page
    runs nothing and refers to nothing but the marked spreadsheet, which lies beside it.
    """
    records = [(_record(s), rejected) for s, rejected in tables]
    name = str(records[0][0].get("file_name") or "") if records else ""
    overall = f"<p>{escape(overall_zh([r for r, _ in records]))}</p>" if len(records) > 1 else ""
    body = "".join(_article(record, rejected, spreadsheet) for record, rejected in records)
    return plain_page(f"数据回执 {name}", f"{overall}{body}")


class IndexLine(NamedTuple):
    """A file in the index of receipts; `page` is the name of its receipt or note."""

    verdict: str
    file_name: str
    received: str
    page: str


def verdict_in_short(tables: Sequence[Mapping[str, Any]]) -> str:
    """Return the outcome of a file's submissions in a word, one of VERDICTS."""
    return wording.verdict_in_short([_record(table) for table in tables])


def index_page(lines: Iterable[IndexLine]) -> str:
    """Return the index of a department's receipts as an HTML page that runs nothing."""
    rows = "".join(
        f'<tr class="{_VERDICT_STYLES.get(line.verdict, "")}"><td>{escape(line.verdict)}</td>'
        f'<td><a href="./{quote(line.page)}">{escape(line.file_name)}</a></td>'
        f"<td>{escape(line.received)}</td></tr>"
        for line in lines
    )
    titles = "".join(f"<th>{t}</th>" for t in ("结果", "文件", "收到时间"))
    return plain_page(
        "回执目录",
        "<p>最新的在最前；点文件名看回执。</p>"
        f'<table class="index"><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>',
    )


def plain_page(title: str, body: str) -> str:
    """Return an HTML page that runs nothing and refers to nothing outside its folder.

    Its heading is the title's first word.
    """
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{escape(title.partition(' ')[0])}</h1>{body}</body></html>\n"
    )


def overall_zh(records: Sequence[Record]) -> str:
    """Return the outcome of a file with several tables in one sentence."""
    taken = sum(r.get("status") == "accepted" for r in records)
    partly = sum(r.get("status") == "partial" for r in records)
    return (
        f"文件中有 {len(records)} 张表：{taken} 张全部入库，{partly} 张部分入库，"
        f"{len(records) - taken - partly} 张未入库。"
    )


def _record(submission: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest with its details beside it, and the Chinese names of its codes."""
    record = {**(submission.get("details") or {}), **submission}
    contracts = load_contracts()
    if record.get("dataset") in contracts.datasets:
        record.setdefault("dataset_zh", contracts[record["dataset"]].title_zh)
    if record.get("department") in contracts.departments:
        record.setdefault("department_zh", contracts.departments[record["department"]].name_zh)
    return record


def _lines(record: Record, rejected: pl.DataFrame, spreadsheet: str | None) -> Iterator[str]:
    yield f"数据回执：{verdict(record)}"
    if next_step := remedy(record, rejected, spreadsheet):
        yield next_step
    if reasons := reason_lines(record):
        yield f"原因：{reasons[0]}"
        yield from (f"  {near}" for near in reasons[1:])
    yield _LINE
    yield from (f"{label}：{value}" for label, value in facts(record))
    for label, lines in sections(record, rejected):
        yield ""
        yield f"【{label}】"
        yield from lines
    yield ""
    yield _LINE
    yield from (f"{label}：{value}" for label, value in filed(record))


_VERDICT_STYLES = {TAKEN: "good", TO_CHECK: "look", TO_MEND: "mend"}
_STYLE = """
body{font-family:"Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif;color:#222;
max-width:60em;margin:2em auto;padding:0 1em;line-height:1.6}
h1{font-size:1.5em}h2{font-size:1.2em;border-bottom:2px solid #888;padding-bottom:.2em}
h3{font-size:1em;margin:1.2em 0 .3em}
table{border-collapse:collapse}th{text-align:left;color:#555;font-weight:normal;padding-right:1em;
vertical-align:top;white-space:nowrap}td{word-break:break-all}
ul{margin:.2em 0;padding-left:1.4em}
.accepted h2{border-color:#2e7d32}.partial h2{border-color:#f9a825}.refused h2{border-color:#c62828}
.why{background:#fdecea;padding:.5em .8em}.next{background:#eef4fb;padding:.5em .8em}
.index td,.index th{border-bottom:1px solid #ccc;padding:.3em 1em .3em 0;text-align:left}
.mend td:first-child{color:#b71c1c;font-weight:bold}.look td:first-child{color:#8a5300}
.filed{color:#666;font-size:.85em;margin-top:1.5em;border-top:1px solid #ccc}
"""


def _article(record: Record, rejected: pl.DataFrame, spreadsheet: str | None) -> str:
    status = str(record.get("status") or "")
    name = str(record.get("sheet") or record.get("file_name") or "")
    parts = [f'<section class="{escape(status)}"><h2>{escape(name)}：{verdict(record)}</h2>']
    if next_step := remedy(record, rejected, spreadsheet):
        parts.append(f'<p class="next">{_linked(next_step, record, rejected, spreadsheet)}</p>')
    if reasons := reason_lines(record):
        parts.append(f'<div class="why"><p>{escape(reasons[0])}</p>{_items(reasons[1:])}</div>')
    parts.append(_rows("facts", facts(record)))
    for label, lines in sections(record, rejected):
        parts.append(f"<h3>{escape(label)}</h3>{_items(lines)}")
    parts.append(_rows("filed", filed(record)))
    return "".join(parts) + "</section>"


def _linked(text: str, record: Record, rejected: pl.DataFrame, spreadsheet: str | None) -> str:
    """Return a text whose mention of the marked spreadsheet leads to it."""
    plain = escape(text)
    if spreadsheet is None or not marks(record, rejected, spreadsheet):
        return plain
    name = escape(f"“{spreadsheet}”")
    return plain.replace(name, f'<a href="./{quote(spreadsheet)}">{name}</a>', 1)


def _items(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines if line)
    return f"<ul>{items}</ul>" if items else ""


def _rows(name: str, rows: Iterable[tuple[str, str]]) -> str:
    found = "".join(
        f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in rows
    )
    return f'<table class="{name}">{found}</table>'
