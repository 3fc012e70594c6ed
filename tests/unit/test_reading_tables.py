"""What intake makes of a file, table by table: encodings, headers, refusals, conservation."""

from pathlib import Path

import polars as pl
import pytest

from sources.contracts import load_contracts
from sources.contracts.stored_rows import accepted_schema
from sources.limits import Limits
from sources.read_file import read_file
from sources.reading.delimited import read_delimited
from sources.reading.encoding import Text
from sources.summary import TableResult

CONTRACTS = load_contracts()
SEWAGE = "年份,乡镇,污水产生量（亿立方米）,污水处理量(万m³)\n2023,凤城镇,0.7715,7000\n"


def read(
    tmp_path: Path,
    content: str | bytes,
    department: str = "housing",
    *,
    name: str = "上报.csv",
    encoding: str = "utf-8",
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> list[TableResult]:
    path = tmp_path / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    results = read_file(
        path, file_name=name, department=department, contracts=CONTRACTS, limits=limits
    )
    for r in results:
        assert r.rows_read == r.rows_accepted + r.rows_rejected + r.rows_duplicate
        assert r.accepted.height == r.rows_accepted
        assert r.rejected["row_number"].n_unique() == r.rows_rejected
        if r.status != "refused":
            assert dict(r.accepted.schema) == accepted_schema(CONTRACTS[r.dataset])
    return results


def one(tmp_path: Path, content: str | bytes, department: str = "housing", **more) -> TableResult:
    (result,) = read(tmp_path, content, department, **more)
    return result


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_encodings_separators_and_line_ends(tmp_path, encoding, newline, separator):
    text = SEWAGE.replace(",", separator).replace("\n", newline)
    if encoding == "gbk":  # the superscript is not in GBK
        text = text.replace("m³", "m3")
    result = one(tmp_path, text, encoding=encoding)
    assert (result.status, result.dataset) == ("accepted", "urban_sewage")
    assert result.separator == separator
    row = result.accepted.row(0, named=True)
    assert (row["year"], row["area"], row["row_number"]) == (2023, "凤城镇", 2)
    assert row["sewage_generated"] == 7715.0  # exactly, not 7715.000000000001
    assert row["sewage_treated"] == 7000.0


def test_columns_in_any_order_and_unknown_columns_are_listed(tmp_path):
    text = "备注,污水处理率,年度,地区\n好,４６．６%,2023年,全县\n"
    result = one(tmp_path, text)
    assert result.status == "accepted"
    assert result.accepted["reported_rate"].to_list() == [46.6]
    assert [c["header"] for c in result.unknown_columns] == ["备注"]
    assert {c["field"] for c in result.missing_columns} == {"sewage_generated", "sewage_treated"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n \r\n", "empty_file"),
        (b"\xff" * 4096, "binary_content"),
        (bytes(range(256)) * 40, "binary_content"),
        (b"\x00" * 999, "binary_content"),
        (b"%PDF-1.7\n1 0 obj", "not_a_table_file"),
        (b"\xef\xbb\xbf<html><table>", "not_a_table_file"),
        ("今天天气很好\n没有数据\n".encode(), "no_header"),
        ("年份,乡镇,污水产生量,污水处理量\n".encode(), "no_data_rows"),
        ("年份,乡镇,污水产生量,污水处理量\n,,,\n\n".encode(), "no_data_rows"),
        ("年份,区域\n2023,全县\n".encode(), "unknown_dataset"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(tmp_path, content, code):
    result = one(tmp_path, content)
    assert (result.status, result.reason_code) == ("refused", code)
    assert result.reason_zh
    assert result.rows_read == 0


def test_refusals_for_what_is_no_file_or_too_large(tmp_path):
    (tmp_path / "real.csv").write_text(SEWAGE, encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    arguments = {"department": "housing", "contracts": CONTRACTS}
    (link,) = read_file(tmp_path / "link.csv", file_name="link.csv", **arguments)
    (folder,) = read_file(tmp_path, file_name="folder", **arguments)
    (gone,) = read_file(tmp_path / "gone.csv", file_name="gone.csv", **arguments)
    assert link.reason_code == folder.reason_code == "not_a_regular_file"
    assert gone.reason_code == "unreadable_file"
    large = one(tmp_path, SEWAGE, limits=Limits(max_bytes=10))
    assert large.reason_code == "file_too_large"
    wide = one(tmp_path, ",".join(["x"] * 30), limits=Limits(max_columns=20))
    assert wide.reason_code == "too_many_columns"


def test_department_rights(tmp_path):
    other = one(tmp_path, SEWAGE, "forestry")
    assert other.reason_code == "department_not_allowed"
    assert "住建局" in other.reason_zh
    assert one(tmp_path, SEWAGE, "nobody").reason_code == "unknown_department"


def test_near_misses_name_what_is_alike_and_the_department_s_own_datasets_first(tmp_path):
    own = one(tmp_path, "年份,区域,造林完成亩数,类别\n2023,全县,5,荒山\n", "forestry")
    assert own.reason_zh.startswith("表头不符合任何一种应报数据；最接近“造林绿化”")
    unknown = one(tmp_path, "年度,乡镇名称,行政村数量,治理村数\n2023,凤城镇,5,3\n", "ecology")
    assert unknown.reason_code == "unknown_dataset"
    assert "；最接近“农村生活污水治理”" in unknown.reason_zh
    assert "“治理村数”像是“已治理村数”" in unknown.reason_zh
    assert one(tmp_path, "2023,全县,5\n2022,全县,7\n", "forestry").reason_code == "no_header"


def test_near_misses_name_the_contract_and_the_missing_columns(tmp_path):
    result = one(tmp_path, "年份,水源,用水量（万m³）,经办人\n2023,地表水,5,王\n", "water_affairs")
    assert result.reason_code == "unknown_dataset"
    assert "用水总量" in result.reason_zh
    assert "缺少列：用水类别" in result.reason_zh
    assert "多出列：经办人" in result.reason_zh


def test_equal_evidence_is_refused_unless_the_name_tells(tmp_path):
    text = "年份,区域,操作\n2023,全县,删除\n"
    assert one(tmp_path, text).reason_code == "ambiguous_dataset"
    named = one(tmp_path, text, name="城乡污水处理2023.csv")
    assert (named.dataset, named.rows_withdrawn) == ("urban_sewage", 1)
    assert named.findings[0]["code"] == "hint_used"


def test_a_unit_of_the_wrong_dimension(tmp_path):
    optional = one(tmp_path, "年份,区域,污水产生量(亩),污水处理量,污水处理率\n2023,全县,5,4,80\n")
    assert optional.status == "accepted"
    assert optional.accepted["sewage_generated"].to_list() == [None]
    assert [f["code"] for f in optional.findings] == ["column_unit"]
    required = one(
        tmp_path, "年份,用水类别,水源类别,用水量(亩)\n2023,农业,地表水,5\n", "water_affairs"
    )
    assert required.reason_code == "required_column_unit"
    above = one(tmp_path, "单位：mg/L,,\n年份,区域,污水处理率\n2023,全县,80\n")
    assert [f["code"] for f in above.findings] == ["unit_not_used"], "said once"


def test_line_numbers_are_those_of_an_editor(tmp_path):
    text = (
        '年份,区域,污水处理率\n\n2020,全县,1\n"2021","全\n县",2\n\n\n2022,"火\n星",3\n2023,全县,x\n'
    )
    result = one(tmp_path, text)
    assert result.accepted["row_number"].to_list() == [3, 4]
    assert result.rejected["row_number"].to_list() == [8, 10]


def test_a_row_that_is_too_long_costs_itself_only(tmp_path):
    rows = "".join(f"20{i:02d},全县,{i}\n" for i in range(10, 60))
    text = "年份,区域,污水处理率\n" + rows + "2005,全县,1,234\n2006,全县,5,,\n2007,全县\n"
    result = one(tmp_path, text)
    codes = dict(result.rejected.select("row_number", "reason_code").iter_rows())
    assert codes == {52: "too_many_cells", 54: "row_needs"}
    assert result.rows_accepted == 51


def test_an_unpaired_quote_costs_its_row_only(tmp_path):
    rows = "".join(f'20{i:02d},"全县",{i}\n' for i in range(10, 60))
    text = f'年份,区域,污水处理率\n2005,"全县,5\n{rows}2006,5"管,7\n2007,全县,8\n'
    result = one(tmp_path, text)
    assert result.rows_accepted == 51
    assert sorted(result.rejected["row_number"].unique()) == [2, 53]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_words_whose_bytes_are_letters_of_another_script_in_utf8(tmp_path, encoding):
    # 站 in GB18030 is a letter of Armenian in UTF-8; a file full of it is GB18030 all the same.
    rows = "".join(f"站{i:02d},2023-03-01 08:00,{i}\n" for i in range(90))
    for title in (
        "站点名称,监测时间,PM2.5\n",
        "站点,timepoint,pm25\n",
        "说明：站\n站点,时间,PM10\n",
    ):
        result = one(tmp_path, (title + rows).encode(encoding), "ecology")
        assert (result.encoding, result.rows_accepted) == (encoding, 90), title
        assert result.accepted["station"][7] == "站07"
    signs = "stationcode,timepoint,pm25(μg/m³)\na,2023-03-01 08:00,5\n"
    assert one(tmp_path, signs.encode(), "ecology").encoding == "utf-8"


def test_bytes_that_cannot_be_decoded_cost_their_row_only(tmp_path):
    rows = "".join(f"20{i:02d},凤城镇,{i}\n" for i in range(10, 90))
    for encoding in ("utf-8", "gb18030"):
        data = f"年份,乡镇,污水处理率\n{rows}".encode(encoding)
        data += b"2005,\xff\xff\xfe,5\n" + "2006,北留镇,5\n".encode(encoding)
        result = one(tmp_path, data)
        assert result.encoding == encoding
        assert result.rows_accepted == 81
        assert result.rejected["row_number"].to_list() == [82]
        assert result.rejected["reason_code"].to_list() == ["undecodable_text"]


def test_pieces_of_a_large_file_are_one_table(tmp_path):
    years = [y for y in range(1950, 2050)]
    text = "年份,区域,污水处理率\n" + "".join(f'{y},"全\n县",{y % 100}\n' for y in years)
    text += "1950,全县,77\n"
    small = Limits(chunk_bytes=64, chunk_cells=30)
    result = one(tmp_path, text, limits=small)
    whole = one(tmp_path, text)
    assert result.accepted.equals(whole.accepted)
    assert result.rejected.equals(whole.rejected)
    assert result.rejected["row_number"].to_list() == [2, 202]


def test_the_summary_is_json_and_independent_of_frames(tmp_path):
    import json

    result = one(tmp_path, SEWAGE + "2023,火星,约5,—\n合计,,0.8,7000\n注：快报\n")
    summary = json.loads(json.dumps(result.summary(), ensure_ascii=False))
    assert summary["rows_read"] == 2
    assert summary["skipped_counts"] == {"note": 1, "total": 1}
    assert summary["periods"] == ["2023"]


REAL = Path(__file__).parents[3] / "shared" / "data" / "real"


@pytest.mark.parametrize(
    ("name", "dataset", "rows"),
    [
        ("surface_water_2026-08-21T20.csv", "water_section_quality", 157),
        ("air_hourly_2018-02-20T07.csv", "air_quality_hourly", 419),
    ],
)
def test_real_measurements_load_as_published(name, dataset, rows):
    if not (REAL / name).exists():
        pytest.skip(f"real measurements are not here: {REAL / name}")
    (result,) = read_file(REAL / name, file_name=name, department="ecology", contracts=CONTRACTS)
    assert (result.dataset, result.rows_read, result.rows_accepted) == (dataset, rows, rows)
    if dataset == "water_section_quality":
        assert "水体类型" in {c["header"] for c in result.unknown_columns}
        assert result.accepted["total_phosphorus"].null_count() == 6
    else:
        assert isinstance(result.accepted["observed_at"].dtype, pl.Datetime)


@pytest.mark.parametrize("ending", ["", "\n"])
def test_lines_of_a_plain_piece_are_those_of_its_rows(ending: str) -> None:
    """Also where lines of other pieces are asked for, and where the text ends without a break."""
    lines = ["年份,区域,数量", *(f"{n},区{n},{n * 2}" for n in range(4_500))]
    limits = Limits(chunk_rows=1_000, quick_bytes=1)
    text = Text(("\n".join(lines) + ending).encode(), "utf-8")
    table = read_delimited(text, lambda cell: False, limits)
    wanted = pl.Series([2, 3, 999, 1_001, 1_002, 2_002, 3_000, 4_501], dtype=pl.Int64)
    found = []
    for rows in table.rows(0, 3):
        assert rows.plain is not None
        frame = rows.frame().drop("extra").filter(pl.col("row_number").is_in(wanted.implode()))
        picked = rows.plain.lines(wanted)
        assert picked.rows() == frame.select(picked.columns).rows()
        found += picked["row_number"].to_list()
    assert found == wanted.to_list()
