"""Spreadsheet templates: one XLSX for each dataset, made from its contract.

A filled template is accepted as it is: headers are the contract's titles with their units, the
example row is skipped by intake, and so is the page that explains the columns.
"""

from collections.abc import Iterator

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from sources.cleaning.dates import EARLIEST, LATEST
from sources.cleaning.rejections import field_words, needs_zh
from sources.cleaning.text import EXAMPLE_MARK
from sources.contracts import Contract, Contracts, Field
from sources.receipts.workbooks import (
    CENTRED,
    EXAMPLE_FONT,
    FRAME,
    HEADER_FILL,
    HEADER_FONT,
    REQUIRED_FILL,
    WRAPPED,
    cell_at,
    explanation_sheet,
    new_workbook,
    put_text,
    sheet_name,
    workbook_bytes,
)
from sources.recognise.headers import OPERATION_ZH

LAST_ROW = 5_000  # drop-down lists and checks reach down to here
_WITHDRAW = "删除"
_DIMENSIONLESS = "无量纲"
_TYPE_ZH = {
    "string": "文字",
    "int": "整数",
    "float": "数字",
    "bool": "是或否",
    "date": "日期，如 2023-03-01",
    "datetime": "时间，如 2023-03-01 08:00",
    "month": "年月，如 2023-03",
    "year": "年份，如 2023",
    "enum": "从列表中选",
    "area": "从列表中选",
    "township": "从列表中选",
    "water_class": "从列表中选",
    "groundwater_class": "从列表中选",
}
_AS_TEXT = ("string", "date", "datetime", "month")  # a spreadsheet must not reinterpret these
_EXAMPLES = {
    "year": "2023",
    "month": "2023-03",
    "date": "2023-03-01",
    "datetime": "2023-03-01 08:00",
    "bool": "是",
}
_CADENCE_ZH = {
    "daily": "每日",
    "monthly": "每月",
    "quarterly": "每季度",
    "annual": "每年",
    "event": "发生时",
    "register": "有变动时",
}


def templates(department: str, contracts: Contracts) -> Iterator[tuple[str, bytes]]:
    """Yield file name and content of the template of every dataset a department may deliver.

    Raises KeyError for an unknown department.
    """
    code = contracts.departments[department].department
    for contract in contracts:
        if code in contract.departments_allowed:
            yield f"{contract.title_zh}.xlsx", template(contract, contracts)


def template(contract: Contract, contracts: Contracts) -> bytes:
    """Return one dataset's template as XLSX."""
    workbook = new_workbook()
    sheet = workbook.create_sheet(sheet_name(contract.title_zh, ()))
    for position, field in enumerate(contract.fields, start=1):
        _column(sheet, position, field, contracts)
    _operation(sheet, len(contract.fields) + 1)
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 36
    _explanation(workbook, contract, contracts)
    return workbook_bytes(workbook)


def header(field: Field) -> str:
    """Return a column's header: title, unit in brackets, * when required."""
    unit = f"({field.unit})" if field.unit and field.unit != _DIMENSIONLESS else ""
    return f"{field.title_zh}{unit}{'*' if field.required else ''}"


def _column(sheet: Worksheet, position: int, field: Field, contracts: Contracts) -> None:
    letter = get_column_letter(position)
    top = cell_at(sheet, 1, position)
    put_text(top, header(field))
    top.font, top.alignment, top.border = HEADER_FONT, CENTRED, FRAME
    top.fill = REQUIRED_FILL if field.required else HEADER_FILL
    example = cell_at(sheet, 2, position)
    put_text(example, EXAMPLE_MARK + example_of(field, contracts))
    example.font = EXAMPLE_FONT
    sheet.column_dimensions[letter].width = max(14, 2 * len(header(field)) + 2)
    if field.type in _AS_TEXT:
        for row in range(3, 203):
            sheet.cell(row, position).number_format = "@"
        sheet.column_dimensions[letter].number_format = "@"
    check = _validation(field, contracts)
    if check is not None:
        sheet.add_data_validation(check)
        check.add(f"{letter}3:{letter}{LAST_ROW}")


def _operation(sheet: Worksheet, position: int) -> None:
    letter = get_column_letter(position)
    put_text(cell_at(sheet, 1, position), OPERATION_ZH)
    top = cell_at(sheet, 1, position)
    top.font, top.alignment, top.border, top.fill = HEADER_FONT, CENTRED, FRAME, HEADER_FILL
    check = DataValidation(type="list", formula1=f'"{_WITHDRAW}"', allow_blank=True)
    check.promptTitle, check.prompt = OPERATION_ZH, "一般留空；要撤回已报的一行，选“删除”。"
    check.showInputMessage = check.showErrorMessage = True
    sheet.add_data_validation(check)
    check.add(f"{letter}3:{letter}{LAST_ROW}")
    sheet.column_dimensions[letter].width = 10


def choices(field: Field, contracts: Contracts) -> tuple[str, ...]:
    """Return the values that a drop-down list offers for a field, none if it has no list."""
    match field.type:
        case "bool":
            return ("是", "否")
        case "area":
            return contracts.areas.names
        case "township":
            return contracts.areas.townships
    return field.values


def _validation(field: Field, contracts: Contracts) -> DataValidation | None:
    options = choices(field, contracts)
    low, high = field.minimum, field.maximum
    if options:
        # A list in place; none of the contracts' lists comes near its limit of 255 characters.
        check = DataValidation(type="list", formula1=f'"{",".join(options)}"')
        check.error = "请从列表中选择。"
    elif field.type == "year":
        check = DataValidation(type="whole", operator="between")
        check.formula1, check.formula2 = str(EARLIEST), str(LATEST)
        check.error = f"请填 {EARLIEST} 到 {LATEST} 之间的年份。"
    elif field.type in ("int", "float") and low is not None:
        check = DataValidation(type="whole" if field.type == "int" else "decimal")
        check.operator = "greaterThanOrEqual" if high is None else "between"
        check.formula1, check.formula2 = f"{low:g}", None if high is None else f"{high:g}"
        check.error = f"允许范围：{field_words(field, contracts)['range']}。没有数据请留空。"
        # Marks such as <0.01, 未检出 or 未统计 are accepted too: warn, do not forbid.
        check.errorStyle = "warning"
    else:
        check = DataValidation()
    check.allow_blank = True
    check.showErrorMessage = check.showInputMessage = True
    check.errorTitle = check.promptTitle = field.title_zh[:32]
    check.prompt = "；".join(_hints(field, contracts))[:255]
    return check


def _hints(field: Field, contracts: Contracts) -> Iterator[str]:
    yield "必填" if field.required else "可空"
    yield _TYPE_ZH[field.type]
    if field.unit and field.unit != _DIMENSIONLESS:
        yield f"单位：{field.unit}"
    words = field_words(field, contracts)
    if words["range"]:
        yield f"范围：{words['range']}"
    if field.pattern:
        yield f"样式：{example_of(field, contracts)}"


def example_of(field: Field, contracts: Contracts) -> str:
    """Return a value that a field would take."""
    if field.type in _EXAMPLES:
        return _EXAMPLES[field.type]
    options = choices(field, contracts)
    if options:
        return options[0]
    if field.type in ("int", "float"):
        low, high = field.minimum, field.maximum
        if low is not None and high is not None and high <= 1_000:
            return f"{round((low + high) / 2):d}"
        return "100"
    if field.pattern:
        return field.pattern_examples[0]
    return f"（{field.title_zh}）"


def _explanation(workbook: Workbook, contract: Contract, contracts: Contracts) -> None:
    allowed = "、".join(contracts.departments[d].name_zh for d in contract.departments_allowed)
    notes = [
        f"数据名称：{contract.title_zh}（{_CADENCE_ZH[contract.cadence]}报送）",
        f"报送单位：{allowed}",
        "请从第 3 行开始填写；第 2 行是示例，入库时自动跳过，可以保留也可以删除。",
        "没有数据请留空，或填“未统计”“未监测”；低于检出限请填“<0.01”或“未检出”。",
        "数字可以带单位（如 12.5 万吨），会自动换算；区域可以不写“镇”“乡”。",
        "同一行（标 * 的关键列相同）再次报送时，新数据替换旧数据；要撤回一行，在“操作”列选“删除”。",
    ]
    if contract.row_needs:
        notes.append(f"每行至少填写：{needs_zh(contract)}。")
    sheet = explanation_sheet(workbook, notes)
    start = len(notes) + 3
    titles = ("列名", "是否必填", "关键列", "填写内容", "单位", "允许范围或可选值", "也可以写作")
    for position, title in enumerate(titles, start=1):
        put_text(cell_at(sheet, start, position), title)
        sheet.cell(start, position).font = HEADER_FONT
        sheet.cell(start, position).fill = HEADER_FILL
    for row, field in enumerate(contract.fields, start=start + 1):
        words = field_words(field, contracts)
        limits = words["range"] or "、".join(choices(field, contracts))
        if field.pattern:
            limits = f"样式：{example_of(field, contracts)}"
        values = (
            field.title_zh,
            "必填" if field.required else "可空",
            "是" if field.key else "",
            _TYPE_ZH[field.type],
            field.unit or "",
            str(limits),
            "、".join(dict.fromkeys((*field.aliases, field.field))),
        )
        for position, value in enumerate(values, start=1):
            put_text(cell_at(sheet, row, position), value)
            sheet.cell(row, position).alignment = WRAPPED
    for letter, width in zip("BCDEFG", (10, 12, 26, 14, 48, 36), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in range(1, start):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=7)
