"""Every reason that intake can give: its code, its severity and its words.

A reason is declared here once; cleaning, refusing, receipts, marked spreadsheets and documents
take code, severity and Chinese text from this catalogue. `{...}` in a text is filled by whoever
raises it. Severities are those of China's statistical reporting: 强制性 (mandatory) rejects,
核实性 (verify) accepts and asks for an explanation, 提示性 (notice) only informs.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["mandatory", "verify", "notice"]
Scope = Literal["file", "table", "column", "row", "cell"]

SEVERITY_ZH: dict[str, str] = {"mandatory": "强制性", "verify": "核实性", "notice": "提示性"}


@dataclass(frozen=True)
class Reason:
    """One reason: its short name, what is wrong (`problem_zh`), how to mend it (`remedy_zh`)."""

    code: str
    severity: Severity
    scope: Scope
    name_zh: str
    problem_zh: str
    remedy_zh: str

    @property
    def template_zh(self) -> str:
        """The whole sentence, placeholders unfilled."""
        return f"{self.problem_zh}；{self.remedy_zh}" if self.remedy_zh else self.problem_zh

    def text(self, **values: object) -> str:
        """Return the sentence with its placeholders filled. Raises KeyError for a missing one."""
        return self.template_zh.format(**values)


_ALL = (
    # --- the file as a whole is refused
    Reason("empty_file", "mandatory", "file", "空文件", "文件是空的", "请确认导出成功后重新上传"),
    Reason(
        "file_too_large",
        "mandatory",
        "file",
        "文件过大",
        "文件大小 {size} 超过上限 {limit}",
        "请按年份或月份拆成几个文件后分别上传",
    ),
    Reason(
        "not_a_regular_file",
        "mandatory",
        "file",
        "不是普通文件",
        "这不是普通文件（是链接、设备或文件夹）",
        "请直接上传表格文件本身",
    ),
    Reason(
        "unreadable_file",
        "mandatory",
        "file",
        "文件打不开",
        "文件无法打开（{detail}）",
        "请关闭正在使用它的程序后重新上传",
    ),
    Reason(
        "not_a_table_file",
        "mandatory",
        "file",
        "不是表格文件",
        "文件不是表格，内容看起来是{kind}",
        "请把数据另存为 CSV（UTF-8）或 XLSX 后上传",
    ),
    Reason(
        "binary_content",
        "mandatory",
        "file",
        "不是文字内容",
        "文件内容不是文字表格（含有大量无法识别的字节）",
        "请把数据另存为 CSV（UTF-8）或 XLSX 后上传",
    ),
    Reason(
        "unknown_encoding",
        "mandatory",
        "file",
        "编码无法判断",
        "无法判断文件的文字编码{guess}",
        "请另存为“CSV UTF-8（逗号分隔）”后上传",
    ),
    Reason(
        "password_protected",
        "mandatory",
        "file",
        "有打开密码",
        "文件设有打开密码",
        "请取消密码后重新上传",
    ),
    Reason(
        "damaged_spreadsheet",
        "mandatory",
        "file",
        "电子表格损坏",
        "电子表格文件已损坏或不完整（{detail}）",
        "请用 Excel 或 WPS 打开，另存为 XLSX 后重新上传",
    ),
    Reason(
        "damaged_archive",
        "mandatory",
        "file",
        "压缩包损坏",
        "压缩包已损坏或不完整（{detail}）",
        "请重新压缩为 ZIP，或直接上传表格文件",
    ),
    Reason(
        "archive_in_archive",
        "mandatory",
        "file",
        "压缩包套压缩包",
        "压缩包里还有压缩包“{member}”",
        "请先解压，把表格文件放在同一层 ZIP 里或直接上传",
    ),
    Reason(
        "unsafe_archive_member",
        "mandatory",
        "file",
        "压缩包内有不安全的路径",
        "压缩包里的“{member}”是链接或路径指向压缩包之外",
        "请只把表格文件本身压缩后上传",
    ),
    Reason(
        "archive_too_large",
        "mandatory",
        "file",
        "压缩包过大",
        "压缩包解压后过大（{detail}）",
        "请拆成几个较小的文件后分别上传",
    ),
    Reason(
        "spreadsheet_too_large",
        "mandatory",
        "file",
        "工作表过大",
        "工作表过大（{detail}）",
        "请删除多余的空行空列，或另存为 CSV 后上传",
    ),
    Reason(
        "empty_archive",
        "mandatory",
        "file",
        "空压缩包",
        "压缩包里没有文件",
        "请把表格文件放进压缩包，或直接上传",
    ),
    Reason(
        "unreadable_content",
        "mandatory",
        "file",
        "读取出错",
        "读取文件时出错（{detail}）",
        "请用 Excel 或 WPS 打开，另存为 XLSX 后重新上传；仍不行请联系数据组",
    ),
    Reason(
        "internal_check_failed",
        "mandatory",
        "table",
        "第二道检查未通过",
        "入库前的第二道检查没有通过（{detail}）",
        "文件已原样保存，请联系数据组处理，不必修改",
    ),
    # --- a table is refused
    Reason(
        "unknown_dataset",
        "mandatory",
        "table",
        "表头不认识",
        "表头不符合任何一种应报数据{nearest}",
        "请对照模板修改表头后重新上传",
    ),
    Reason(
        "ambiguous_dataset",
        "mandatory",
        "table",
        "表头不能区分",
        "表头同时符合{datasets}，无法判断是哪一种",
        "请补上该数据特有的列，或在文件名中写明数据名称后重新上传",
    ),
    Reason(
        "no_header",
        "mandatory",
        "table",
        "没有表头",
        "没有找到表头",
        "请在数据上方保留一行列名（见模板）后重新上传",
    ),
    Reason(
        "no_data_rows",
        "mandatory",
        "table",
        "没有数据行",
        "只有表头，没有数据行",
        "请填写数据后重新上传",
    ),
    Reason(
        "too_many_columns",
        "mandatory",
        "table",
        "列数过多",
        "表格有 {columns} 列，超过上限 {limit} 列",
        "请删除多余的列后重新上传",
    ),
    Reason(
        "department_not_allowed",
        "mandatory",
        "table",
        "无报送权限",
        "“{dataset}”不由{department}报送，应由{allowed}报送",
        "请把文件交给上述单位，由其上传",
    ),
    Reason(
        "unknown_department",
        "mandatory",
        "table",
        "单位代码不认识",
        "“{department}”不是报送单位的代码",
        "请把文件放到本单位的文件夹里",
    ),
    Reason(
        "duplicate_header",
        "mandatory",
        "table",
        "表头重复",
        "有 {count} 列的表头都表示“{title}”（第 {columns} 列）",
        "请只保留一列或改正表头后重新上传",
    ),
    Reason(
        "required_column_unit",
        "mandatory",
        "table",
        "必填列单位不符",
        "必填列“{header}”的单位“{unit}”不能换算成规定单位“{expected}”",
        "请改成“{expected}”或可换算的单位（数值同时换算）后重新上传",
    ),
    Reason(
        "too_many_rows",
        "mandatory",
        "table",
        "行数过多",
        "表格超过 {limit} 行",
        "请按年份或月份拆成几个文件后分别上传",
    ),
    Reason(
        "mostly_rejected",
        "mandatory",
        "table",
        "绝大多数行未通过",
        "已检查的 {rows} 行中有 {rejected} 行没有通过检查，整张表没有入库，其余的行没有再检查",
        "请核对列和单位是否对应，按下面列出的原因修改后重新上传",
    ),
    Reason(
        "table_given_up",
        "mandatory",
        "row",
        "随整表退回",
        "这一行本身没有问题，因表中绝大多数行没有通过检查，随整张表退回",
        "请修改其他行后一并重新上传",
    ),
    Reason(
        "all_rows_rejected",
        "mandatory",
        "table",
        "全部行未通过",
        "{rows} 行数据全部没有通过检查",
        "请按下面列出的原因修改后重新上传",
    ),
    # --- a column is not taken
    Reason(
        "column_unit",
        "verify",
        "column",
        "列单位不符",
        "“{header}”列的单位“{unit}”不能换算成规定单位“{expected}”，这一列没有入库",
        "请改成“{expected}”或可换算的单位（数值同时换算）后重新上传",
    ),
    Reason(
        "column_repeated",
        "verify",
        "column",
        "列内容重复",
        "“{header}”列与“{used}”列是同一项内容，只采用了“{used}”列",
        "请核实应以哪一列为准",
    ),
    Reason(
        "unit_not_used",
        "verify",
        "table",
        "表上单位未采用",
        "“{text}”中的单位“{unit}”与本表任何一列都不能换算，没有使用",
        "请核实数值的单位",
    ),
    Reason(
        "header_unit_unused",
        "notice",
        "column",
        "表头单位未采用",
        "“{header}”列没有规定单位，表头中的单位“{unit}”没有使用",
        "请核实数值",
    ),
    # --- a row or a cell is rejected
    Reason(
        "required_missing",
        "mandatory",
        "cell",
        "必填项为空",
        "“{title}”是必填项，不能空着，也不能填“—”之类的缺失符号",
        "请填写",
    ),
    Reason(
        "not_a_number",
        "mandatory",
        "cell",
        "不是数字",
        "“{title}”的值“{value}”不是数字",
        "请只填数字，例如 12.5；没有数据请留空",
    ),
    Reason(
        "not_an_integer",
        "mandatory",
        "cell",
        "不是整数",
        "“{title}”的值“{value}”不是整数",
        "请填整数",
    ),
    Reason(
        "number_too_large",
        "mandatory",
        "cell",
        "数字过大",
        "“{title}”的值“{value}”超出了可以存储的范围",
        "请核对是否多输了数字",
    ),
    Reason(
        "out_of_range",
        "mandatory",
        "cell",
        "超出允许范围",
        "“{title}”的值“{value}”超出允许范围（{range}）",
        "请核对数值和单位",
    ),
    Reason(
        "unknown_unit",
        "mandatory",
        "cell",
        "单位不认识",
        "“{title}”的值“{value}”带有不认识的单位",
        "请去掉单位，按“{unit}”填写数字",
    ),
    Reason(
        "unit_dimension",
        "mandatory",
        "cell",
        "单位不能换算",
        "“{title}”的值“{value}”所带单位不能换算成“{unit}”",
        "请按“{unit}”填写数字",
    ),
    Reason(
        "not_a_date",
        "mandatory",
        "cell",
        "日期无效",
        "“{title}”的值“{value}”不是有效日期",
        "请写成 2023-03-01 的样式",
    ),
    Reason(
        "not_a_datetime",
        "mandatory",
        "cell",
        "时间无效",
        "“{title}”的值“{value}”不是有效时间",
        "请写成 2023-03-01 08:00 的样式",
    ),
    Reason(
        "not_a_month",
        "mandatory",
        "cell",
        "年月无效",
        "“{title}”的值“{value}”不是有效年月",
        "请写成 2023-03 的样式",
    ),
    Reason(
        "ambiguous_month",
        "mandatory",
        "cell",
        "年月有歧义",
        "“{title}”的值“{value}”可能是 1 月也可能是 10 月",
        "请写成 2023-01 或 2023-10 的样式",
    ),
    Reason(
        "not_a_year",
        "mandatory",
        "cell",
        "年份无效",
        "“{title}”的值“{value}”不是有效年份",
        "请写成 2023 的样式",
    ),
    Reason(
        "date_out_of_range",
        "mandatory",
        "cell",
        "年份超出范围",
        "“{title}”的值“{value}”早于 {low} 年或晚于 {high} 年",
        "请核对年份",
    ),
    Reason(
        "not_a_boolean",
        "mandatory",
        "cell",
        "不是“是/否”",
        "“{title}”的值“{value}”不能判断是或否",
        "请填“是”或“否”",
    ),
    Reason(
        "unknown_area",
        "mandatory",
        "cell",
        "区域不认识",
        "“{title}”的值“{value}”不是本县的区域名称",
        "请填 {allowed}",
    ),
    Reason(
        "value_not_allowed",
        "mandatory",
        "cell",
        "不在可选值内",
        "“{title}”的值“{value}”不在可选值之内",
        "请从 {allowed} 中选填",
    ),
    Reason(
        "pattern_mismatch",
        "mandatory",
        "cell",
        "格式不符",
        "“{title}”的值“{value}”格式不对",
        "请写成 {pattern} 的样式",
    ),
    Reason(
        "undecodable_text",
        "mandatory",
        "cell",
        "含有乱码",
        "“{title}”的值“{value}”含有乱码",
        "请重新填写这一格，并另存为 UTF-8 后上传",
    ),
    Reason(
        "control_character",
        "mandatory",
        "cell",
        "含有控制字符",
        "“{title}”的值“{value}”含有看不见的控制字符",
        "请删除后重新填写这一格",
    ),
    Reason(
        "text_too_long",
        "mandatory",
        "cell",
        "文字过长",
        "“{title}”的内容“{value}”超过 {limit} 个字",
        "请缩短，或检查引号是否成对",
    ),
    Reason(
        "spreadsheet_error",
        "mandatory",
        "cell",
        "公式错误",
        "“{title}”的单元格是公式错误“{value}”",
        "请改正公式，或直接填写数值",
    ),
    Reason(
        "formula_without_value",
        "mandatory",
        "cell",
        "公式没有结果",
        "“{title}”的单元格是没有计算结果的公式“{value}”",
        "请用 Excel 或 WPS 打开并保存一次，或直接填写数值",
    ),
    Reason(
        "example_left",
        "mandatory",
        "cell",
        "示例未改",
        "“{title}”里还留着模板的示例“{value}”",
        "请改成实际内容，或删除整行",
    ),
    Reason(
        "unknown_operation",
        "mandatory",
        "cell",
        "操作不认识",
        "“{title}”的值“{value}”不认识",
        "请留空，或填“删除”",
    ),
    Reason(
        "too_many_cells",
        "mandatory",
        "row",
        "单元格多于表头",
        "这一行的单元格比表头多（多出“{value}”）",
        "请检查是否有数字里的逗号把一格分成了两格，改正后重新上传",
    ),
    Reason(
        "row_needs",
        "mandatory",
        "row",
        "没有可用数值",
        "这一行没有可用的数值",
        "请至少填写：{needs}",
    ),
    Reason(
        "duplicate_key",
        "mandatory",
        "row",
        "同一对象重复且内容不同",
        "与第 {lines} 行的{keys}相同，但其他内容不同，不能判断以哪一行为准",
        "请只保留正确的一行",
    ),
    # --- accepted, with a flag
    Reason(
        "approximate",
        "verify",
        "cell",
        "约数",
        "“{title}”的值“{value}”是约数，已按数字入库",
        "请核实并在有准确数时补报",
    ),
    Reason(
        "time_dropped",
        "notice",
        "cell",
        "时刻未采用",
        "“{title}”的值“{value}”带有时刻，只取了日期",
        "",
    ),
    Reason(
        "looks_like_fraction",
        "verify",
        "column",
        "百分数疑似填成小数",
        "“{header}”列的单位是 %，但所有数值都不大于 1",
        "请核实是否把 46.6 % 填成了 0.466",
    ),
    Reason(
        "control_total",
        "verify",
        "table",
        "合计不符",
        "第 {line} 行“{label}”中“{title}”为 {observed}，各行相加是 {expected}",
        "请核实合计数或各行数据",
    ),
    Reason(
        "last_line_cut",
        "verify",
        "table",
        "末行疑似不完整",
        "文件最后一行（第 {line} 行）比表头少单元格且没有换行，文件可能没有传完",
        "请核对最后一行，必要时重新上传",
    ),
    Reason(
        "sheet_skipped",
        "notice",
        "file",
        "工作表未读取",
        "工作表“{sheet}”没有读取（{why}）",
        "",
    ),
    Reason(
        "merged_value",
        "verify",
        "column",
        "数值为合并单元格",
        "第 {line}～{bottom} 行的“{header}”是合并单元格，数值只算在第 {line} 行",
        "请核实是否应逐行填写",
    ),
    Reason(
        "hidden_rows",
        "notice",
        "table",
        "有隐藏行",
        "有 {count} 个隐藏行，已一并读取",
        "如不应报送请删除后重新上传",
    ),
    Reason(
        "hint_used",
        "notice",
        "table",
        "按名称判断",
        "表头同时符合{datasets}，按{hint}判断为“{chosen}”",
        "如判断有误，请在文件名中写明数据名称后重新上传",
    ),
    Reason(
        "replaced_characters",
        "verify",
        "file",
        "有无法识别的字符",
        "文件里有 {count} 处无法识别的字符",
        "含有这些字符的行没有入库，请另存为 UTF-8 后补报",
    ),
)

REASONS: dict[str, Reason] = {r.code: r for r in _ALL}


def finding(code: str, line: int | None = None, **values: object) -> dict[str, object]:
    """Return a reason as a receipt lists it: code, severity, line (or None) and Chinese text."""
    reason = REASONS[code]
    return {
        "code": code,
        "severity": reason.severity,
        "line": line,
        "message_zh": reason.text(line=line, **values),
    }
