"""Lineage and `eco trace`: every published value leads to the lines of the files that gave it.

The samples' provenance lists the values of each line of each file. Expected values are computed
from it here, without the models.
"""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sources.contracts import load_contracts
from tests.conftest import Eco
from warehouse.output.trace import TraceError, trace

SAMPLES = Path(__file__).parents[2] / "sources" / "samples"
FULL_WIDTH = str.maketrans("０１２３４５６７８９．％", "0123456789.%")
Line = dict[str, float]


def _number(text: str) -> float:
    return float(re.sub(r"[^0-9.-]", "", text.translate(FULL_WIDTH)))


def printed_lines() -> dict[tuple[str, int], Line]:
    """(file, line) -> the numbers on it by field, in the file's units."""
    found: dict[tuple[str, int], Line] = {}
    with (SAMPLES / "provenance.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if re.search("[0-9０-９]", row["value"]):
                line = found.setdefault((row["file"], int(row["row"])), {})
                line[row["column"]] = _number(row["value"])
    return found


def reported(field: str = "reported_rate") -> Callable[[list[Line]], float]:
    """All lines behind the value carry it."""

    def of(lines: list[Line]) -> float:
        (value,) = {line[field] for line in lines}
        return value

    return of


def fall(field: str) -> Callable[[list[Line]], float]:
    """From the year before, whose file was received first."""
    return lambda lines: 100 * (lines[0][field] - lines[1][field]) / lines[0][field]


# From the lines behind the value of 2020; 15 mu are a hectare.
BY_HAND: dict[str, Callable[[list[Line]], float]] = {
    "A01": fall("pm25"),
    "A02": lambda lines: 100 * lines[0]["good_days"] / 366,
    "A06": reported(),
    "A07": fall("so2"),
    "A15": reported(),
    "A18": reported(),
    "A20": reported(),
    "B02": reported(),
    "B03": lambda lines: 0,
    "B07": lambda lines: 100 * lines[0]["good_days"] / 366,
    "B08": reported("pm25"),
    "B13": reported(),
    "B16": reported(),
    "T008": reported(),
    "T010": reported("villages_treated"),
    "T011": lambda lines: lines[0]["population_covered"] * 10_000,
    "T023": reported("reported_gas_rate"),
    "T028": reported(),
    "T058": lambda lines: lines[0]["value"] / 10_000,
    "T066": lambda lines: lines[0]["high_efficiency_area"] * 15 / 10_000,
    "T160": reported("forest_land_area"),
}


def test_every_value_leads_to_lines_that_give_it(loaded: Eco) -> None:
    """All values of 2020 of the demonstration home."""
    printed = printed_lines()
    contracts = load_contracts()
    values = loaded.sql(
        "select indicator_id, area, value from marts.indicator_values where year = 2020"
    )
    assert {indicator for indicator, _, _ in values} >= BY_HAND.keys()
    for indicator, area, value in values:
        found = trace(loaded.home, contracts, indicator, year=2020, area=area)
        assert found.value == value
        assert found.deliveries, indicator
        lines = []
        for delivery in found.deliveries:
            assert Path(delivery.receipt).is_file()
            sample = SAMPLES / delivery.department / delivery.file_name
            assert Path(delivery.archived).read_bytes() == sample.read_bytes()
            assert len(delivery.rows) == delivery.row_count
            for row in delivery.rows:
                key = (f"{delivery.department}/{delivery.file_name}", row["row_number"])
                assert printed[key].keys() <= row.keys(), key
                lines.append(printed[key])
        if indicator in BY_HAND:
            assert BY_HAND[indicator](lines) == pytest.approx(value, rel=1e-12), indicator


def test_every_published_value_has_lineage(loaded: Eco) -> None:
    """Also of other years and areas; each line is one that its submission accepted."""
    assert not loaded.sql(
        "select indicator_id, year, area from marts.indicator_values "
        "except select indicator_id, year, area from marts.indicator_lineage"
    )
    assert not loaded.sql(
        "select * from marts.indicator_lineage as l anti join marts.submissions as s "
        "on l.submission_id = s.submission_id and l.file_name = s.file_name "
        "and l.dataset = s.dataset and l.row_count <= s.rows_accepted"
    )


def test_trace_in_words_and_as_json(loaded: Eco) -> None:
    """The formula with its numbers, the lines, the receipts."""
    words = loaded("trace", "a01", "--year", "2020").stdout
    assert "100 × (41 − 36) ÷ 41 = 12.195" in words
    assert "第3行 row 3" in words and "receipts" in words
    chain = json.loads(loaded("trace", "A02", "--year", "2020", "--json").stdout)
    assert chain["calculation"].startswith("100 × 306 ÷ 366 = 83.606")
    assert chain["deliveries"][0]["rows"][0]["good_days"] == 306
    assert "167" in loaded("trace", "T066", "--year", "2020").stdout


@pytest.mark.parametrize(
    ("indicator", "year", "area", "message"),
    [
        ("A99", 2020, None, "A01 to A21, B01 to B26"),
        ("A01", 2031, None, "2020"),
        ("A06", 2020, "凤城镇", "全县, 县城"),
        ("A03", 2020, None, "no value yet; it is made from water_section_quality"),
    ],
)
def test_nothing_to_trace(
    loaded: Eco, indicator: str, year: int, area: str | None, message: str
) -> None:
    """The message names the areas, years or datasets that there are."""
    with pytest.raises(TraceError, match=re.escape(message)):
        trace(loaded.home, load_contracts(), indicator, year=year, area=area)


def test_nothing_is_published(empty_home) -> None:
    with pytest.raises(TraceError, match="run: eco nightly"):
        trace(empty_home, load_contracts(), "A01", year=2020)


@pytest.mark.slow
def test_a_value_of_a_turned_table_leads_to_its_cell(after_second_night: Eco) -> None:
    """Years across: the value of each year is traced to the cell of that year alone."""
    eco = after_second_night
    for year, column in ((2021, "C"), (2022, "D")):
        found = trace(eco.home, load_contracts(), "T066", year=year)
        rows = [(d.file_name, r) for d in found.deliveries for r in d.rows]
        cells = [r["source_cells"] for name, r in rows if name == "节水灌溉.csv"]
        assert len(cells) == 1
        assert f"high_efficiency_area={column}5" in cells[0]
        words = eco("trace", "T066", "--year", str(year)).stdout
        assert f"[{column}5]" in words
    assert not eco.sql(
        "select submission_id from marts.rejected_rows where source_cells is not null"
    )
