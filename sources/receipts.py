"""What the sender reads: the receipt of a submission, in Chinese.

A receipt is made from the submission's manifest and its rejected rows alone, so that it can be
written again after a crash and comes out the same, byte for byte.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from sources.cleaning.special import KINDS_ZH
from sources.cleaning.text import NOT_MEASURED, NOT_REPORTED
from sources.reasons import REASONS, SEVERITY_ZH

STATUS_ZH = {
    "accepted": "全部入库",
    "partial": "部分入库，有数据行未入库",
    "refused": "未入库",
}
MISSING_ZH = {NOT_REPORTED: "未上报", NOT_MEASURED: "未监测"}
SEPARATOR_ZH = {",": "逗号", "\t": "制表符", ";": "分号"}
_LISTED = 200  # rejected cells that a receipt lists one by one; the spreadsheet has them all
_LINE = "-" * 60


def receipt_text(submission: Mapping[str, Any], rejected: pl.DataFrame) -> str:
    """Return the receipt as plain text.

    `submission` is the manifest: `TableResult.summary()` with submission_id, department,
    file_name, received_at and sha256 beside it. `rejected` are the submission's rejected rows as
    quarantine keeps them.
    """
    return "\n".join(_lines(submission, rejected)) + "\n"


def counts_zh(submission: Mapping[str, Any]) -> str:
    """Return the sum that must come out: read = accepted + rejected + duplicates."""
    return (
        f"读到 {submission['rows_read']} 行 = 入库 {submission['rows_accepted']} 行"
        f" + 未入库 {submission['rows_rejected']} 行"
        f" + 重复 {submission['rows_duplicate']} 行（内容相同，只计一次）"
    )


def _lines(submission: Mapping[str, Any], rejected: pl.DataFrame) -> Iterator[str]:
    get = submission.get
    yield f"数据回执：{STATUS_ZH.get(get('status', ''), get('status', ''))}"
    yield _LINE
    for label, value in head_rows(submission):
        yield f"{label}：{value}"
    yield f"结果：{counts_zh(submission)}"
    if get("reason_zh"):
        yield f"原因：{get('reason_zh')}。"
    for label, lines in sections(submission):
        yield ""
        yield f"【{label}】"
        yield from lines
    if rejected.height:
        yield ""
        yield "【未入库的行和修改办法】"
        yield from rejected_lines(rejected)
    yield ""
    yield closing(submission)


def closing(submission: Mapping[str, Any]) -> str:
    """Return what the sender should do next."""
    if submission.get("status") == "accepted":
        return "本次报送无需处理。如发现数据有误，改正后重新上传即可，新数据会替换旧数据。"
    return "请按上面的说明修改后重新上传；已入库的行可以一并重报，不会重复计算。"


def head_rows(submission: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield label and text of what names a submission."""
    get = submission.get
    yield "文件", str(get("file_name") or "")
    if get("sheet"):
        yield "工作表", str(get("sheet"))
    yield "报送单位", str(get("department_zh") or get("department") or "")
    yield "收到时间", str(get("received_at") or "")
    if get("dataset"):
        title = get("dataset_zh")
        yield "识别为", f"{title}（{get('dataset')}）" if title else str(get("dataset"))
    if get("encoding"):
        separator = SEPARATOR_ZH.get(get("separator") or "")
        yield "编码", f"{get('encoding')}" + (f"，{separator}分隔" if separator else "")
    if get("periods"):
        periods = get("periods")
        shown = "、".join(periods) if isinstance(periods, list | tuple) else str(periods)
        yield "数据时段", shown
    yield "回执编号", str(get("submission_id") or "")
    if get("sha256"):
        yield "文件校验码", str(get("sha256"))


def sections(submission: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield title and lines of each part of a receipt that has something to say."""
    get = submission.get
    converted = [
        f"“{c['header']}”列的单位是 {c['unit_found']}，已换算成 {c['unit']}（乘以 {c['factor']}）"
        for c in get("column_map") or ()
        if c.get("factor", "1") != "1"
    ]
    if converted:
        yield "单位换算", converted
    notes: list[str] = []
    if get("rows_withdrawn"):
        notes.append(f"按“操作”列删除 {get('rows_withdrawn')} 条已报数据。")
    for kind, count in (get("missing_values") or {}).items():
        notes.append(f"缺失值（{MISSING_ZH.get(kind, kind)}）：{count} 处，按空值入库。")
    if get("censored_values"):
        notes.append(f"低于检出限的值：{get('censored_values')} 处，按检出限的一半入库并作标记。")
    if notes:
        yield "说明", notes
    findings = [
        f"{SEVERITY_ZH.get(f['severity'], '')}：{f['message_zh']}" for f in get("findings") or ()
    ]
    if findings:
        yield "需要核实的情况", findings
    flagged = [f"第 {f['line']} 行：{f['message_zh']}" for f in (get("flagged") or ())[:_LISTED]]
    if flagged:
        total = get("rows_flagged") or 0
        yield f"已入库、请核实的行（共 {total} 行）", flagged
    matched = [t for t in get("control_totals") or () if t["matches"]]
    if matched:
        yield "合计核对", [f"{len(matched)} 个合计数与各行相加一致。"]
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
    rows = rejected.sort("row_number", "field", "reason_code", nulls_last=False)
    counts = (
        rejected.group_by("reason_code")
        .agg(pl.col("row_number").n_unique().alias("rows"))
        .sort(["rows", "reason_code"], descending=[True, False])
    )
    if counts.height > 1 or rejected.height > _LISTED:
        for code, count in counts.iter_rows():
            reason = REASONS.get(code)
            severity = SEVERITY_ZH[reason.severity] if reason else ""
            yield f"{severity} {code}：{count} 行"
        yield ""
    for row in rows.head(_LISTED).iter_rows(named=True):
        yield f"第 {row['row_number']} 行：{row['reason_zh']}。"
    if rows.height > _LISTED:
        yield f"……另有 {rows.height - _LISTED} 处，见标注了问题的电子表格。"
