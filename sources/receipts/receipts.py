"""What the sender reads: the receipt of a file, in Chinese, as plain text and as a page.

A receipt is made from the submissions' manifests and their rejected rows alone, so that it can be
written again after a crash and comes out the same, byte for byte.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from typing import Any

import polars as pl

from sources.cleaning.special import KINDS_ZH
from sources.cleaning.text import NOT_MEASURED, NOT_REPORTED
from sources.contracts import load_contracts
from sources.reasons import REASONS, SEVERITY_ZH

STATUS_ZH = {
    "accepted": "全部入库",
    "partial": "部分入库，有数据行未入库",
    "refused": "未入库",
}
MISSING_ZH = {NOT_REPORTED: "未上报", NOT_MEASURED: "未监测"}
SEPARATOR_ZH = {
    **{",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线", "，": "全角逗号", "；": "全角分号"},
    **{", ": "逗号加空格", "  ": "多个空格", " ": "空格"},
}
_LISTED = 200  # rejected cells that a receipt lists one by one; the spreadsheet has them all
_LINE = "-" * 60
_COUNTY_TIME = timezone(timedelta(hours=8))  # Asia/Shanghai has had no other since 1991

Table = tuple[Mapping[str, Any], pl.DataFrame]


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
    """Return the receipt of a file as one HTML page that refers to nothing outside itself.

    `tables` are the file's submissions with their rejected rows, as for `receipt_text`.
    """
    records = [(_record(s), rejected) for s, rejected in tables]
    name = str(records[0][0].get("file_name") or "") if records else ""
    body = "".join(_article(record, rejected, spreadsheet) for record, rejected in records)
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>数据回执 {escape(name)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>数据回执</h1><p>{escape(overall_zh([r for r, _ in records]))}</p>{body}"
        "</body></html>\n"
    )


def overall_zh(records: Sequence[Mapping[str, Any]]) -> str:
    """Return what became of a file, in one sentence."""
    if len(records) == 1:
        return f"{STATUS_ZH.get(str(records[0].get('status')), '')}。"
    taken = sum(r.get("status") == "accepted" for r in records)
    partly = sum(r.get("status") == "partial" for r in records)
    return (
        f"文件中有 {len(records)} 张表：{taken} 张全部入库，{partly} 张部分入库，"
        f"{len(records) - taken - partly} 张未入库。"
    )


def counts_zh(submission: Mapping[str, Any]) -> str:
    """Return the sum that must come out: read = accepted + rejected + duplicates."""
    return (
        f"读到 {submission['rows_read']} 行 = 入库 {submission['rows_accepted']} 行"
        f" + 未入库 {submission['rows_rejected']} 行"
        f" + 重复 {submission['rows_duplicate']} 行（内容相同，只计一次）"
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


def _lines(
    record: Mapping[str, Any], rejected: pl.DataFrame, spreadsheet: str | None
) -> Iterator[str]:
    yield f"数据回执：{STATUS_ZH.get(record.get('status', ''), '')}"
    yield _LINE
    for label, value in head_rows(record):
        yield f"{label}：{value}"
    yield f"结果：{counts_zh(record)}"
    if record.get("reason_zh"):
        yield f"原因：{record['reason_zh']}。"
    for label, lines in sections(record, rejected):
        yield ""
        yield f"【{label}】"
        yield from lines
    yield ""
    yield closing(record, spreadsheet)


def closing(record: Mapping[str, Any], spreadsheet: str | None) -> str:
    """Return what the sender should do next."""
    if record.get("status") == "accepted" and not record.get("rows_flagged"):
        return "本次报送无需处理。如发现数据有误，改正后重新上传即可，新数据会替换旧数据。"
    text = "请按上面的说明修改后重新上传；已入库的行可以一并重报，不会重复计算。"
    if spreadsheet:
        text += (
            f"可以直接在“{spreadsheet}”里改：有问题的单元格已标色并加了批注，改好后放回报送文件夹。"
        )
    return text


def _local(moment: Any) -> str:
    """Return a time of a manifest (UTC) as the county's clock shows it."""
    try:
        received = datetime.fromisoformat(str(moment))
    except ValueError:
        return str(moment or "")
    if received.tzinfo is None:
        received = received.replace(tzinfo=UTC)
    return received.astimezone(_COUNTY_TIME).strftime("%Y-%m-%d %H:%M:%S")


def head_rows(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield label and text of what names a submission."""
    get = record.get
    yield "文件", str(get("file_name") or "")
    if get("sheet"):
        yield "工作表", str(get("sheet"))
    yield "报送单位", str(get("department_zh") or get("department") or "")
    yield "收到时间", _local(get("received_at"))
    if get("dataset"):
        title = get("dataset_zh")
        yield "识别为", f"{title}（{get('dataset')}）" if title else str(get("dataset"))
    if get("encoding"):
        separator = SEPARATOR_ZH.get(get("separator") or "")
        yield "格式", f"{get('encoding')}" + (f"，{separator}分隔" if separator else "")
    if get("periods"):
        yield "数据时段", _shown(get("periods"))
    yield "回执编号", str(get("submission_id") or "")
    if get("sha256"):
        yield "文件校验码", str(get("sha256"))


def _shown(periods: Any) -> str:
    if isinstance(periods, str):
        return periods
    found = [str(p) for p in periods]
    return "、".join(found) if len(found) <= 12 else f"{found[0]} 至 {found[-1]}（{len(found)} 个）"


def sections(record: Mapping[str, Any], rejected: pl.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Yield title and lines of each part of a receipt that has something to say."""
    get = record.get
    if rejected.height:
        yield "未入库的行和修改办法", list(rejected_lines(rejected))
    flagged = [f"第 {f['line']} 行：{f['message_zh']}" for f in get("flagged") or ()]
    if flagged:
        yield f"已入库、请核实的行（共 {get('rows_flagged') or 0} 行）", flagged[:_LISTED]
    findings = [
        f"{SEVERITY_ZH.get(f['severity'], '')}：{f['message_zh']}" for f in get("findings") or ()
    ]
    if findings:
        yield "需要留意的情况", findings
    converted = [
        f"“{c['header']}”列的单位是 {c['unit_found']}，已换算成 {c['unit']}（乘以 {c['factor']}）"
        for c in get("column_map") or ()
        if c.get("factor", "1") != "1"
    ]
    converted += [
        f"“{c['header']}”列有 {c['count']} 个值（第 {c['line']} 行起）自带单位 {c['unit_found']}，"
        f"已按此换算成 {c['unit']}（乘以 {c['factor']}）"
        for c in get("converted_values") or ()
    ]
    if converted:
        yield "单位换算", converted
    notes: list[str] = []
    if get("rows_withdrawn"):
        notes.append(f"按“操作”列撤回 {get('rows_withdrawn')} 条已报数据。")
    for kind, count in (get("missing_values") or {}).items():
        notes.append(f"缺失值（{MISSING_ZH.get(kind, kind)}）：{count} 处，按空值入库。")
    if get("censored_values"):
        notes.append(f"低于检出限的值：{get('censored_values')} 处，按检出限的一半入库并作标记。")
    matched = sum(bool(t["matches"]) for t in get("control_totals") or ())
    if matched:
        notes.append(f"合计核对：{matched} 个合计数与各行相加一致。")
    if notes:
        yield "说明", notes
    skipped = [
        f"{KINDS_ZH.get(kind, kind)}：{count} 行"
        for kind, count in (get("skipped_counts") or {}).items()
    ]
    if skipped:
        lines = [
            f"  第 {s['line']} 行：{s['text']}" for s in get("skipped_lines") or () if s["text"]
        ]
        yield "没有当作数据的行", [*skipped, *lines[:_LISTED]]
    unknown = [c["header"] or f"第 {c['position']} 列" for c in get("unknown_columns") or ()]
    if unknown and get("dataset"):
        yield "没有采用的列", ["、".join(unknown)]
    missing = [c["title_zh"] for c in get("missing_columns") or ()]
    if missing and get("dataset"):
        yield "文件里没有的列", ["、".join(missing)]


def rejected_lines(rejected: pl.DataFrame) -> Iterator[str]:
    """Yield the rejected cells of a submission: counts by reason, then one by one."""
    counts = (
        rejected.group_by("reason_code")
        .agg(pl.col("row_number").n_unique().alias("rows"))
        .sort(["rows", "reason_code"], descending=[True, False])
    )
    if rejected.height > 1:
        for code, count in counts.iter_rows():
            reason = REASONS.get(code)
            yield f"{reason.name_zh if reason else code}：{count} 行"
        yield ""
    order = ["row_number", "field", "reason_code"]
    for row in rejected.sort(order, nulls_last=False).head(_LISTED).iter_rows(named=True):
        yield f"第 {row['row_number']} 行：{row['reason_zh']}。"
    if rejected.height > _LISTED:
        yield f"……另有 {rejected.height - _LISTED} 处，见标注了问题的电子表格。"


_STYLE = """
body{font-family:"Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif;color:#222;
max-width:60em;margin:2em auto;padding:0 1em;line-height:1.6}
h1{font-size:1.5em}h2{font-size:1.2em;border-bottom:2px solid #888;padding-bottom:.2em}
h3{font-size:1em;margin:1.2em 0 .3em}
table{border-collapse:collapse}th{text-align:left;color:#555;font-weight:normal;padding-right:1em;
vertical-align:top;white-space:nowrap}td{word-break:break-all}
ul{margin:.2em 0;padding-left:1.4em}
.accepted h2{border-color:#2e7d32}.partial h2{border-color:#f9a825}.refused h2{border-color:#c62828}
.sum{font-weight:bold}.why{background:#fdecea;padding:.5em .8em}.next{background:#eef4fb;
padding:.5em .8em}
"""


def _article(record: Mapping[str, Any], rejected: pl.DataFrame, spreadsheet: str | None) -> str:
    status = str(record.get("status") or "")
    parts = [
        f'<section class="{escape(status)}">',
        f"<h2>{escape(str(record.get('sheet') or record.get('file_name') or ''))}："
        f"{STATUS_ZH.get(status, '')}</h2><table>",
    ]
    parts += [
        f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>"
        for label, value in head_rows(record)
    ]
    parts.append(f'</table><p class="sum">{escape(counts_zh(record))}</p>')
    if record.get("reason_zh"):
        parts.append(f'<p class="why">{escape(str(record["reason_zh"]))}。</p>')
    for label, lines in sections(record, rejected):
        items = "".join(f"<li>{escape(line)}</li>" for line in lines if line)
        parts.append(f"<h3>{escape(label)}</h3><ul>{items}</ul>")
    parts.append(f'<p class="next">{escape(closing(record, spreadsheet))}</p></section>')
    return "".join(parts)
