"""Checks of a contract: which follow from its fields, what it may declare, what is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sources.contracts import Contract, ContractError, load_contracts
from sources.contracts.checked import checked
from sources.contracts.derived import derived_files
from sources.contracts.loader import HERE, read_contracts

KEYS: dict[str, dict[str, Any]] = {
    "year": {"type": "year"},
    "month": {"type": "month"},
    "day": {"type": "date"},
    "hour": {"type": "datetime"},
    "area": {"type": "area"},
    "township": {"type": "township"},
    "works": {"type": "string"},
    "species": {"type": "string"},
    "code": {"type": "string", "pattern": "\\d{3}"},
    "source": {"type": "enum", "allowed_values": ["工业", "合计"]},
    "sector": {"type": "enum", "allowed_values": ["工业", "农业"]},
}
VALUES: dict[str, dict[str, Any]] = {
    "made": {"type": "float", "unit": "吨"},
    "used": {"type": "float", "unit": "吨"},
    "rate": {"type": "float", "unit": "%"},
    "factor": {"type": "float"},
    "note": {"type": "string"},
}


def contract(keys: str, values: str = "made", **changes: Any) -> Contract:
    """A contract with these fields; annual statistics unless given otherwise."""
    fields = [
        {"field": name, "title_zh": name, "key": True, "required": True, **KEYS[name]}
        for name in keys.split()
    ]
    fields += [{"field": name, "title_zh": name, **VALUES[name]} for name in values.split()]
    usual: dict[str, Any] = {
        "dataset": "example",
        "title_zh": "样例",
        "domain": "waste",
        "grain": "one row per example",
        "kind": "statistic",
        "departments_allowed": ["ecology"],
        "cadence": "annual",
        "due_days_after_period": 30,
        "fields": fields,
    }
    return Contract.model_validate({**usual, **changes})


def found(declared: Contract) -> dict[str, Any]:
    """What is checked, by the names of `checks:`; a key field by its name."""
    result = vars(checked(declared))
    named = {
        name: getattr(value, "field", value)
        for name, value in result.items()
        if value and name != "units"  # see test_numbers_with_a_unit_are_compared_with_their_series
    }
    if "revisions" in named:
        named["revisions"] = " ".join(field.field for field in named["revisions"])
    return named


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        # areas: complete by township, 全县 against their sum, and no count of objects
        (
            contract("year area", "made rate"),
            {"periods": 1, "townships": "area", "revisions": "made rate", "area_total": "area"},
        ),
        (
            contract("month area species", cadence="monthly"),
            {
                **{"periods": 12, "townships": "area", "revisions": "made"},
                **{"area_total": "area", "part_total": "species"},
            },
        ),
        (
            contract("year township", "rate note"),
            {"periods": 1, "townships": "township", "revisions": "rate"},
        ),
        # objects: their number; what splits a total is another key
        (
            contract("month works", "made used", kind="observation", cadence="monthly"),
            {"periods": 12, "objects": "works", "revisions": "made used"},
        ),
        (
            contract("year works species"),
            {"periods": 1, "objects": "works", "revisions": "made", "part_total": "species"},
        ),
        (contract("year works code"), {"periods": 1, "objects": "works", "revisions": "made"}),
        (contract("year source"), {"periods": 1, "revisions": "made", "part_total": "source"}),
        (contract("year source", "rate"), {"periods": 1, "revisions": "rate"}),
        (contract("year sector"), {"periods": 1, "revisions": "made"}),
        # single measurements: no versions to compare, periods by cadence
        (
            contract("works day", kind="observation", cadence="quarterly"),
            {"periods": 4, "objects": "works"},
        ),
        (
            contract("works hour", kind="observation", cadence="monthly"),
            {"periods": 12, "objects": "works"},
        ),
        (contract("works hour", kind="observation", cadence="daily"), {}),
        # a quarter cannot be derived from a year alone
        (contract("year", cadence="quarterly"), {"periods": 1, "revisions": "made"}),
        # registers and events
        (contract("works", kind="register", cadence="register"), {}),
        (contract("year area", kind="register", cadence="event"), {}),
        (contract("works day", kind="event", cadence="event"), {}),
    ],
)
def test_what_is_checked_follows_from_the_fields(
    declared: Contract, expected: dict[str, Any]
) -> None:
    assert found(declared) == expected


def test_numbers_with_a_unit_are_compared_with_their_series() -> None:
    declared = contract("year works", "made rate")
    assert [field.field for field in checked(declared).units] == ["made", "rate"]
    off = contract("year works", "made rate", checks={"units": False})
    assert checked(off).units == ()


def test_a_declaration_goes_before_the_fields() -> None:
    off = dict.fromkeys(("periods", "townships", "revisions", "area_total", "part_total"), False)
    assert found(contract("year area species", checks={**off, "objects": "species"})) == {
        "objects": "species"
    }
    register = contract("year area works", kind="register", cadence="event")
    on = register.model_copy(
        update={
            "checks": register.checks.model_copy(
                update={"townships": True, "revisions": True, "part_total": "works"}
            )
        }
    )
    assert found(on) == {"townships": "area", "revisions": "made", "part_total": "works"}


def test_a_relation_is_read_as_it_is_written() -> None:
    holds = "made + used? <= made"
    declared = contract(
        "year", "made used", checks={"relations": [{"id": "r", "rule": "x", "holds": holds}]}
    )
    (relation,) = checked(declared).relations
    assert relation.sides == ((("made", False), ("used", True)), "<=", (("made", False),))


def test_the_dbt_sources_carry_what_is_checked() -> None:
    contracts = load_contracts()
    (lake,) = [
        yaml.safe_load(text)["sources"][0]
        for path, text in derived_files(contracts).items()
        if path.name == "lake.yml"
    ]
    meta = {table["name"]: table["config"]["meta"]["checks"] for table in lake["tables"]}
    assert meta["domestic_waste"]["periods"] == {"per_year": 12}
    assert meta["pollutant_emissions"]["part_total"] == {"field": "source", "fields": ["emission"]}
    assert meta["socioeconomics"]["revisions"] == {"fields": ["value"], "unit_fields": ["unit"]}
    stock, used = meta["industrial_solid_waste"]["relations"]
    assert (stock["sense"], used["sense"]) == ("=", "<=")
    assert stock["right"][2:] == [{"field": "dumped", "optional": True}, {"field": "closing_stock"}]
    assert meta["water_sections"] == {}


DECLARED = """\
checks:
  periods: false
  relations:
    - id: sewage_treated
      rule: water_part_exceeds_whole
      holds: sewage_treated <= sewage_generated
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("<= sewage_generated", "< sewage_generated", 5, "is no relation: write `a + b = c"),
        ("<= sewage_generated", "<= 3", 5, "'3' is not a sum of fields"),
        ("holds: sewage_treated <=", "holds: sewage_treated? <=", 5, "has to be without ?"),
        ("<= sewage_generated", "<= sewage", 5, "['sewage'] are no numbers beside the key"),
        ("<= sewage_generated", "<= year", 5, "['year'] are no numbers beside the key"),
        ("<= sewage_generated", "<= reported_rate", 5, "have several units"),
        ("      rule: water_part_exceeds_whole\n", "", 3, "rule: Field required"),
        ("id: sewage_treated", "id: 处理", 3, "id: String should match"),
        ("periods: false", "objects: station", 1, "objects: 'station' is no text of the key"),
        ("periods: false", "objects: area", 1, "objects: 'area' is no text of the key"),
        ("periods: false", "objects: true", 1, "name the key field, or write false"),
        ("periods: false", "part_total: area", 1, "in which 合计 or 全部 may stand"),
        ("periods: false", "period: false", 1, "checks.period: Extra inputs"),
        ("periods: false", "periods: maybe", 1, "checks.periods: "),
        (
            "      holds: sewage_treated <= sewage_generated\n",
            "      holds: sewage_treated <= sewage_generated\n"
            "    - {id: sewage_treated, rule: r, holds: sewage_treated = sewage_generated}\n",
            6,
            "the relation 'sewage_treated' stands here twice",
        ),
    ],
)
def test_a_wrong_declaration_is_answered_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    path = _copy(tmp_path, "urban_sewage.yml")
    fields = path.read_text(encoding="utf-8").partition("checks:")[0]
    assert old in DECLARED
    path.write_text(fields + DECLARED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        read_contracts(tmp_path)
    (problem,) = caught.value.problems
    assert words in problem
    assert problem.startswith(f"{path}:{fields.count(chr(10)) + 1 + line}: "), problem


@pytest.mark.parametrize(
    ("name", "checks", "words"),
    [
        ("water_sections.yml", "periods: true", "periods: true is not possible: the dataset needs"),
        ("electricity_use.yml", "townships: true", "townships: true is not possible"),
        ("water_sections.yml", "revisions: true", "a number beside its key"),
        ("socioeconomics.yml", "area_total: true", "an area, a year or month in its key"),
        ("socioeconomics.yml", "part_total: statistic", "a year or month in its key, and amounts"),
        ("water_sections.yml", "objects: section_name", "no date in the key"),
        ("electricity_use.yml", "part_total: category", "in which 合计 or 全部 may stand"),
    ],
)
def test_a_check_that_the_fields_do_not_allow_is_refused(
    tmp_path: Path, name: str, checks: str, words: str
) -> None:
    path = _copy(tmp_path, name)
    text = path.read_text(encoding="utf-8").partition("checks:")[0]
    path.write_text(f"{text}checks:\n  {checks}\n", encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        read_contracts(tmp_path)
    (problem,) = caught.value.problems
    assert words in problem
    assert problem.startswith(f"{path}:{text.count(chr(10)) + 2}: "), problem


def test_a_unit_field_has_to_be_a_text_of_the_row(tmp_path: Path) -> None:
    path = _copy(tmp_path, "socioeconomics.yml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("unit_field: unit", "unit_field: units"), encoding="utf-8")
    with pytest.raises(ContractError, match="unit_field names 'units', which is no text"):
        read_contracts(tmp_path)


def _copy(folder: Path, name: str) -> Path:
    """A folder of contracts with this dataset alone; return the path of its file."""
    (folder / "datasets").mkdir()
    for table in ("units.yml", "areas.yml", "county.yml", "departments.yml", "archetypes.yml"):
        (folder / table).write_text((HERE / table).read_text(encoding="utf-8"), encoding="utf-8")
    path = folder / "datasets" / name
    path.write_text((HERE / "datasets" / name).read_text(encoding="utf-8"), encoding="utf-8")
    return path
