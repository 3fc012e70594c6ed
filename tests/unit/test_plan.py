"""A county's own plan: what replaces the product's tables, and what is said of mistakes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from orchestration.commands.check import check
from orchestration.commands.maintain import templates
from orchestration.dbt_build.engines import _write_seeds
from orchestration.intake.department_files import manual_text
from orchestration.plan import use_plan_of
from sources.contracts import PlanError, load_contracts, plan_in_force, use_plan
from sources.contracts.loader import plan_table
from tests import made_up_plan
from warehouse.home.layout import Home


@pytest.fixture(autouse=True)
def _product_afterwards() -> Iterator[None]:
    yield
    use_plan(None)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "plan"
    made_up_plan.write(folder)
    return folder


def test_a_plan_of_the_home_is_in_force(plan: Path) -> None:
    use_plan_of(Home.at(plan.parent))
    contracts = load_contracts()
    assert contracts.county.name_zh == made_up_plan.COUNTY
    assert contracts.areas.townships == made_up_plan.TOWNSHIPS
    assert contracts.areas.find("云溪县") == "全县"
    assert contracts.areas.find("阳城县") is None
    assert contracts.areas.find("凤城镇") is None
    assert contracts.departments["ecology"].name_zh == "云溪县生态环境分局"
    assert contracts.departments["ecology"].main_domain == "air"
    assert "`ecology` | 云溪县生态环境分局 |" in manual_text(contracts)
    targets = {row["indicator_id"]: row["target_2025"] for _, row in plan_table("indicators").rows}
    assert targets["A15"] == "97.5"
    assert len(targets) == 47


def test_eco_plan_comes_before_the_plan_of_the_home(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECO_PLAN", str(plan))
    use_plan_of(Home.at(tmp_path / "another"))
    assert load_contracts().county.name_zh == made_up_plan.COUNTY
    monkeypatch.setenv("ECO_PLAN", str(tmp_path / "nowhere"))
    use_plan_of(Home.at(tmp_path / "another"))
    with pytest.raises(PlanError, match="no such folder"):
        load_contracts()


def test_tables_that_are_not_given_are_the_products(plan: Path, tmp_path: Path) -> None:
    (plan / "areas.csv").unlink()
    use_plan(plan)
    assert "凤城镇" in load_contracts().areas.townships
    assert load_contracts().areas.find("阳城县") is None
    found = plan_in_force()
    assert found is not None and "areas" in found.products and "text_targets" in found.products
    written = _write_seeds(tmp_path / "seeds")
    assert sorted(written) == ["contract_areas", "contract_departments", "indicators"]
    assert written["contract_departments"].read_text().count("云溪县") == 1
    assert "A15" in written["indicators"].read_text()


def test_a_change_of_the_plan_changes_its_digest(plan: Path) -> None:
    def digest() -> str:
        use_plan(plan)
        found = plan_in_force()
        assert found is not None
        return found.digest

    first = digest()
    assert digest() == first
    text = (plan / "county.csv").read_text(encoding="utf-8")
    (plan / "county.csv").write_text("\ufeff" + text.replace("\n", "\r\n"), encoding="utf-8")
    assert digest() == first, "the same table, saved by Excel"
    (plan / "county.csv").write_text(text.replace("云溪", "云河"), encoding="utf-8")
    assert digest() != first


def _edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(plan: Path) -> None:
        path = plan / f"{name}.csv"
        text = path.read_text(encoding="utf-8-sig")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def _give(name: str, content: bytes) -> Callable[[Path], None]:
    def give(plan: Path) -> None:
        (plan / name).write_bytes(content)

    return give


def _another_comparator(plan: Path) -> None:
    made_up_plan.copy_table(
        "text_targets", plan, lambda row: row | {"comparator": row["comparator"].replace(">=", "≥")}
    )


def _without_an_indicator(plan: Path) -> None:
    made_up_plan.copy_table(
        "indicators", plan, lambda row: None if row["indicator_id"] == "A16" else row
    )


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_edit("indicators", "97.5,numeric", "高,numeric"), "'高': write a number without"),
        (_edit("indicators", ",numeric,", ",sometimes,"), "'sometimes': write one of numeric,"),
        (_edit("indicators", "比例(%),%,", "比例(%),‰,"), "'‰': pm25_mean_reduction is measured"),
        (_edit("indicators", "lower_better", "down"), "'down': write one of higher_better"),
        (_edit("indicators", "pm25_mean_reduction", "pm25_of_ours"), "no quantity of quantities"),
        (_edit("indicators", "A02,A", "A01,A"), "line 2 has the same"),
        (_edit("indicators", "A03,A", "A33,A"), "'A33': write A03"),
        (_edit("indicators", "indicator_id,plan", "plan,indicator_id"), "1: the columns are plan,"),
        (_another_comparator, "column comparator: '≥': write one of =, >=, >, <=, about, range"),
        (_without_an_indicator, "give a text_targets.csv of the county too"),
        (_edit("county", "yunxi", "云溪"), "county.csv:2: identifier"),
        (_edit("areas", "云峰镇,township", "云峰镇,village"), "areas.csv:4: kind"),
        (_edit("areas", "全县,county", "云溪县,county"), "must be one, called 全县"),
        (_edit("areas", "石桥镇", "云峰镇"), "column area: '云峰镇': line 4 has the same"),
        (_edit("departments", "ecology,", "ecologie,"), "'ecologie': write one of the codes"),
        (_edit("departments", "ecology,", "ecologie,"), "ecology is missing"),
        (_give("county.csv", "name_zh\n云溪县\n".encode("gbk")), "save it as “CSV UTF-8”"),
        (_give("indicator.csv", b""), "indicator.csv: no table of a plan; its tables are areas,"),
        (_give("indicators.xlsx", b""), "each a file with the extension .csv"),
        (lambda plan: (plan / "county.csv").unlink(), "county.csv: it is missing"),
    ],
)  # fmt: skip
def test_mistakes_are_named(plan: Path, spoil: Callable[[Path], None], said: str) -> None:
    spoil(plan)
    use_plan(plan)
    with pytest.raises(PlanError) as error:
        plan_in_force()
    assert any(said in problem for problem in error.value.problems), error.value.problems
    assert all(str(plan) in each or "text_targets" in each for each in error.value.problems)
    use_plan_of(Home.at(plan.parent / "another"))
    assert plan_in_force() is None


def test_templates_offer_the_areas_of_the_plan(plan: Path, tmp_path: Path) -> None:
    chosen = ["--home", str(plan.parent), "--department", "forestry", "--out", str(tmp_path)]
    assert CliRunner().invoke(templates, chosen).exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "forestry" / "林草有害生物.xlsx")
    lists = [each.formula1 for each in book.worksheets[0].data_validations.dataValidation]
    assert '"全县,县城,云峰镇,石桥镇,柳林乡"' in lists
    notes = [cell for (cell, *_) in book.worksheets[1].iter_rows(values_only=True)]
    assert f"报送单位：{made_up_plan.DEPARTMENTS['forestry']}" in notes


def test_eco_check_names_the_mistakes_of_a_plan(plan: Path) -> None:
    assert CliRunner().invoke(check, ["--plan", str(plan)]).exit_code == 0
    _edit("county", "yunxi", "云溪")(plan)
    done = CliRunner().invoke(check, ["--plan", str(plan)])
    assert done.exit_code == 1
    assert "county.csv:2" in done.output
