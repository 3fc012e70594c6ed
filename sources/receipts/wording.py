"""What a receipt says of one table, in Chinese: verdict and remedy, sections, and what is filed.

A record is a submission's manifest with its details beside it. Everything follows from it and the
rejected rows, so that a receipt written again comes out the same. `sources.receipts.receipts` puts
the words on a page.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import polars as pl

from sources.cleaning.special import KINDS_ZH
from sources.cleaning.text import NOT_MEASURED, NOT_REPORTED
from sources.reading.raw import SEPARATOR_ZH
from sources.reasons import REASONS, SEVERITY_ZH
from sources.receipts import TAKEN, TO_CHECK, TO_MEND

Record = Mapping[str, Any]
Section = tuple[str, list[str]]

MISSING_ZH = {NOT_REPORTED: "未上报", NOT_MEASURED: "未监测"}
FORM_ZH = {
    "utf-8": "文本，编码 UTF-8",
    "utf-8-sig": "文本，编码 UTF-8",
    "gb18030": "文本，编码 GB18030",
    "utf-16": "文本，编码 UTF-16",
    "utf-32": "文本，编码 UTF-32",
    "xlsx": "工作簿（XLSX）",
    "xls": "工作簿（XLS）",
    "xlsb": "工作簿（XLSB）",
    "ods": "工作簿（ODS）",
    "html": "网页里的表格",
    "mhtml": "单文件网页里的表格",
    "xml": "XML 电子表格",
}
LISTED = 200  # rejected cells that a receipt lists one by one; the spreadsheet has them all
_COUNTY_TIME = timezone(timedelta(hours=8))  # Asia/Shanghai has had no other since 1991
_NEAREST = "；最接近"
# Columns that hold nothing to be stored, so that nobody has to look at them.
_ASIDE = re.compile(
    r"^(?:序号|编号|备注|说明|附注|填报人|填表人|审核人|负责人|联系人|联系电话|电话|填报单位|"
    r"填报日期|填表日期|报送单位|操作)?$"
)
# Numbers of a title or a note that are no figures: dates, numbering, telephones, standards.
_NO_FIGURES = re.compile(
    r"\d+\s*(?:年|月|日|时|季|号|第|—|-|～|~|至|/|\.(?=\d+\.))"
    r"|[第表附图续]\s*[\d一二三四五六七八九十]+(?:[-—.]\d+)*"
    r"|(?:电话|手机|传真)[:：]?\s*[\d\-()（） ]+"
    r"|[A-Za-z]+[/ ]?[A-Z]*\s*\d[\d.\-—]*|^\s*[(（]?\d+[)）、.]"
)
_FIGURE = re.compile(r"\d")
_TOLD_ONLY = ("（空的）", "（填写说明）")


def verdict(record: Record) -> str:
    """Return the outcome of a table in a few words."""
    status = record.get("status")
    if status == "accepted":
        count = len(attention(record))
        return f"全部入库，有 {count} 处请核对" if count else "全部入库，无需处理"
    if status == "partial":
        taken, back = record.get("rows_accepted") or 0, record.get("rows_rejected") or 0
        return f"部分入库，{taken} 行已入库，{back} 行没有入库"
    return "未入库" if status == "refused" else ""


def verdict_in_short(records: Iterable[Record]) -> str:
    """Return the outcome of a file's tables in a word, one of VERDICTS."""
    found = list(records)
    if any(record.get("status") != "accepted" for record in found):
        return TO_MEND
    return TO_CHECK if any(attention(record) for record in found) else TAKEN


def remedy(record: Record, rejected: pl.DataFrame, spreadsheet: str | None) -> str:
    """Return what the sender should do next; empty where the reason of a refusal says it all."""
    if record.get("status") == "accepted":
        if attention(record):
            return "已经入库；请看下面要核对的地方，与实际不符的改正后重新上传，会替换旧数据。"
        return "如发现数据有误，改正后重新上传即可，新数据会替换旧数据。"
    if not rejected.height:
        return ""
    text = "请按下面逐行写明的办法改好后重新上传；已入库的行可以一并重报，不会重复计算。"
    if marks(record, rejected, spreadsheet):
        text += (
            f"可以直接在“{spreadsheet}”里改：有问题的单元格已标色并加了批注，改好后放回报送文件夹。"
        )
    return text


def marks(record: Record, rejected: pl.DataFrame, spreadsheet: str | None) -> bool:
    """Tell whether the marked spreadsheet holds this table."""
    return bool(
        spreadsheet and record.get("dataset") and (rejected.height or record.get("flagged"))
    )


def attention(record: Record) -> list[str]:
    """Return what the sender of an accepted table should look at, each in a few words.

    Empty only where nothing was assumed beyond the contract, set aside with figures in it, or
    questioned.
    """
    found = []
    if record.get("rows_flagged"):
        found.append(f"{record['rows_flagged']} 行请核实")
    found += [str(f["message_zh"]) for f in record.get("findings") or () if _asks(f)]
    if columns := untaken_columns(record):
        found.append(f"没有采用的列：{'、'.join(columns)}")
    if lines := set_aside_with_figures(record):
        found.append(f"第 {'、'.join(map(str, lines))} 行含有数字，没有当作数据")
    return found


def _asks(finding: Mapping[str, Any]) -> bool:
    text = str(finding.get("message_zh"))
    return finding.get("code") != "sheet_skipped" or not any(t in text for t in _TOLD_ONLY)


def untaken_columns(record: Record) -> list[str]:
    """Return the columns that no field takes, those that hold no data by their name left out."""
    if not record.get("dataset"):
        return []
    return [
        str(c["header"] or f"第 {c['position']} 列")
        for c in record.get("unknown_columns") or ()
        if not c["header"] or not _ASIDE.match(re.sub(r"\s", "", str(c["header"])))
    ]


def set_aside_with_figures(record: Record) -> list[int]:
    """Return the titles and notes, by line, that hold figures: numbers that are no dates."""
    return [
        int(line["line"])
        for line in record.get("skipped_lines") or ()
        if line.get("kind") in ("title", "note", "section_title")
        and _FIGURE.search(_NO_FIGURES.sub("", str(line.get("text") or "")))
    ]


def counts_zh(record: Record) -> str:
    """Return the sum that must come out: read = accepted + rejected + duplicates."""
    return (
        f"读到 {record['rows_read']} 行 = 入库 {record['rows_accepted']} 行"
        f" + 未入库 {record['rows_rejected']} 行"
        f" + 重复 {record['rows_duplicate']} 行（内容相同，只计一次）"
    )


def reason_lines(record: Record) -> list[str]:
    """Return why a table was refused; each dataset that its header comes near to on its own."""
    text = str(record.get("reason_zh") or "")
    if not text:
        return []
    first, *nearest = text.split(_NEAREST)
    if not nearest:
        return [f"{text}。"]
    last, _, what_to_do = nearest[-1].rpartition("；")
    nearest[-1] = last
    return [f"{first}；{what_to_do}。", *(f"最接近{near}" for near in nearest)]


def facts(record: Record) -> Iterator[tuple[str, str]]:
    """Yield label and text of what a table is and what was taken of it."""
    yield "文件", str(record.get("file_name") or "")
    if place := record.get("misplaced"):
        yield "位置", f"放在了“{place}”文件夹里，已照常收取；以后请放在它的上一级文件夹"
    if record.get("sheet"):
        yield "工作表", str(record["sheet"])
    if record.get("dataset"):
        yield "识别为", str(record.get("dataset_zh") or record["dataset"])
    if record.get("periods"):
        yield "数据时段", _shown(record["periods"])
    yield "结果", counts_zh(record)


def filed(record: Record) -> Iterator[tuple[str, str]]:
    """Yield label and text of what identifies a submission, for the files."""
    yield "报送单位", str(record.get("department_zh") or record.get("department") or "")
    yield "收到时间", _local(record.get("received_at"))
    if record.get("encoding"):
        form = FORM_ZH.get(str(record["encoding"]), str(record["encoding"]))
        separator = SEPARATOR_ZH.get(str(record.get("separator") or ""))
        yield "格式", form + (f"，{separator}分隔" if separator else "")
    yield "回执编号", str(record.get("submission_id") or "")
    if record.get("sha256"):
        yield "文件校验码", str(record["sha256"])


def _local(moment: Any) -> str:
    """Return a time of a manifest (UTC) as the county's clock shows it."""
    try:
        received = datetime.fromisoformat(str(moment))
    except ValueError:
        return str(moment or "")
    if received.tzinfo is None:
        received = received.replace(tzinfo=UTC)
    return received.astimezone(_COUNTY_TIME).strftime("%Y-%m-%d %H:%M:%S")


def _shown(periods: Any) -> str:
    if isinstance(periods, str):
        return periods
    found = [str(p) for p in periods]
    return "、".join(found) if len(found) <= 12 else f"{found[0]} 至 {found[-1]}（{len(found)} 个）"


def sections(record: Record, rejected: pl.DataFrame) -> Iterator[Section]:
    """Yield title and lines of each part of a receipt that has something to say."""
    for title, lines in (
        ("未入库的行和修改办法", list(rejected_lines(rejected)) if rejected.height else []),
        (f"已入库、请核实的行（共 {record.get('rows_flagged') or 0} 行）", _flagged(record)),
        ("请核对的情况", _questions(record)),
        ("读表时的判断和转换", _told(record)),
        ("单位换算", _conversions(record)),
        ("没有写单位的列", _assumed_units(record)),
        ("说明", _notes(record)),
        ("没有当作数据的行", _set_aside(record)),
        ("没有采用的列", _listed(record, "unknown_columns", "header")),
        ("文件里没有的列", _listed(record, "missing_columns", "title_zh")),
    ):
        if lines:
            yield title, lines


def _flagged(record: Record) -> list[str]:
    flagged = record.get("flagged") or ()
    return [f"第 {f['line']} 行：{f['message_zh']}" for f in flagged][:LISTED]


def _questions(record: Record) -> list[str]:
    """Return the findings that ask for an explanation, with their severity."""
    return [
        f"{SEVERITY_ZH.get(f['severity'], '')}：{f['message_zh']}"
        for f in record.get("findings") or ()
        if f["severity"] != "notice"
    ]


def _told(record: Record) -> list[str]:
    """Return the findings that only inform: conversions, assumptions, sheets left out."""
    findings = record.get("findings") or ()
    return [str(f["message_zh"]) for f in findings if f["severity"] == "notice"]


def _listed(record: Record, columns: str, name: str) -> list[str]:
    """Return the names of some columns in one line."""
    if not record.get("dataset"):
        return []
    names = [str(c[name] or f"第 {c['position']} 列") for c in record.get(columns) or ()]
    return ["、".join(names)] if names else []


def _conversions(record: Record) -> list[str]:
    columns = [
        f"“{c['header']}”列的单位是 {c['unit_found']}，已换算成 {c['unit']}（乘以 {c['factor']}）"
        for c in record.get("column_map") or ()
        if c.get("factor", "1") != "1"
    ]
    values = [
        f"“{c['header']}”列有 {c['count']} 个值（第 {c['line']} 行起）自带单位 {c['unit_found']}，"
        f"已按此换算成 {c['unit']}（乘以 {c['factor']}）"
        for c in record.get("converted_values") or ()
    ]
    return columns + values


def _assumed_units(record: Record) -> list[str]:
    """Return for each unit of the contract the columns that were taken in it for want of one."""
    by_unit: dict[str, list[str]] = {}
    for column in record.get("column_map") or ():
        if column.get("unit") and not column.get("unit_found") and not column.get("unit_from"):
            by_unit.setdefault(str(column["unit"]), []).append(f"“{column['header']}”")
    return [f"按 {unit} 读取：{'、'.join(headers)}" for unit, headers in by_unit.items()]


def _notes(record: Record) -> list[str]:
    notes: list[str] = []
    if record.get("rows_withdrawn"):
        notes.append(f"按“操作”列撤回 {record['rows_withdrawn']} 条已报数据。")
    for kind, count in (record.get("missing_values") or {}).items():
        notes.append(f"缺失值（{MISSING_ZH.get(kind, kind)}）：{count} 处，按空值入库。")
    if record.get("censored_values"):
        notes.append(
            f"低于检出限的值：{record['censored_values']} 处，按检出限的一半入库并作标记。"
        )
    matched = sum(bool(t["matches"]) for t in record.get("control_totals") or ())
    if matched:
        notes.append(f"合计核对：{matched} 个合计数与各行相加一致。")
    return notes


def _set_aside(record: Record) -> list[str]:
    """Return how many lines of each kind are no data, then the lines with their kind."""
    counts = record.get("skipped_counts") or {}
    if not counts:
        return []
    lines = [
        f"  第 {s['line']} 行（{_kind(s.get('kind'))}）：{s['text']}"
        for s in record.get("skipped_lines") or ()
        if s["text"]
    ]
    return [f"{KINDS_ZH.get(k, k)}：{count} 行" for k, count in counts.items()] + lines[:LISTED]


def _kind(kind: Any) -> str:
    return KINDS_ZH.get(str(kind), str(kind or "")).partition("（")[0]


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
    for row in rejected.sort(order, nulls_last=False).head(LISTED).iter_rows(named=True):
        yield f"第 {row['row_number']} 行：{row['reason_zh']}。"
    if rejected.height > LISTED:
        yield f"……另有 {rejected.height - LISTED} 处，见标注了问题的电子表格。"
