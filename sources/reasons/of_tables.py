"""Reasons for which a table is refused or one of its columns is not taken."""

from sources.reasons.model import Reason

# What is unclear about a column's unit, and how to mend it; `column_unit` says it of a column that
# is left out, `required_column_unit` of one without which the table is refused.
UNIT_PROBLEMS: dict[str, tuple[str, str]] = {
    "unit_unknown": (
        "“{header}”列的单位“{unit}”没有看懂",
        "请写成“{expected}”或常用的可换算单位（数值与单位一致）后重新上传",
    ),
    "unit_dimension": (
        "“{header}”列的单位“{unit}”不能换算成规定单位“{expected}”",
        "请改成“{expected}”或可换算的单位（数值同时换算）后重新上传",
    ),
    "unit_rate": (
        "“{header}”列的单位“{unit}”是每{per}的量，而本表每行填报的是一{period}的总量（{expected}）",
        "请换算成一{period}的总量，单位写“{expected}”，然后重新上传",
    ),
    "units_differ": (
        "“{header}”列的单位有几种写法：{texts}，不能判断以哪一种为准",
        "请在列名后面的括号里写明这一列的单位后重新上传",
    ),
    "format_scales": (
        "“{header}”列的单元格格式“{form}”使显示的数与单元格里存的数不同，而单位没有写明是哪一个数的单位",
        "请把格式改成“常规”，核对显示的数，并在列名后面的括号里写明单位（如“{unit}”）后重新上传",
    ),
}

REASONS = (
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
        "在前 {rows} 行里没有找到认识的列名（{seen}）",
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
        "必填列单位不明",
        "{problem}，这一列必填，整张表没有入库",
        "{remedy}",
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
    Reason(
        "column_unit",
        "verify",
        "column",
        "列单位不明",
        "{problem}，这一列没有入库",
        "{remedy}",
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
        "“{text}”中的单位“{unit}”没有用于本表任何一列（不能换算，或各列自己写了别的单位）",
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
)
