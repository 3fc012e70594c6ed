"""Contracts: what is declared, how a wrong file is answered, whether derived files drifted."""

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest

from sources.contracts import ContractError, DimensionError, fold, load_contracts
from sources.contracts.derived import derived_files
from sources.contracts.loader import HERE, read_contracts

PROJECT = Path(__file__).parents[2]
REFERENCE = PROJECT.parent / "shared" / "reference"
OURS = {"finding_explanations", "task_assignments"}  # datasets beside the 41 of the reference
needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="../shared is not here")


def reference(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the contracts with two datasets, to be spoilt."""
    (tmp_path / "datasets").mkdir()
    for name in ("units.yml", "areas.yml", "county.yml", "departments.yml", "archetypes.yml"):
        (tmp_path / name).write_text((HERE / name).read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("water_use.yml", "urban_sewage.yml"):
        text = (HERE / "datasets" / name).read_text(encoding="utf-8")
        (tmp_path / "datasets" / name).write_text(text, encoding="utf-8")
    return tmp_path


def spoil(folder: Path, old: str, new: str, name: str = "datasets/water_use.yml") -> str:
    """Put an error into a contract file; return what the loader says."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        read_contracts(folder)
    return str(caught.value)


@needs_reference
def test_every_field_is_as_the_reference_declares_it() -> None:
    contracts = load_contracts()
    declared = {(d, f.field): f for d, c in contracts.datasets.items() for f in c.fields}
    rows = reference("dataset_fields.csv")
    assert len(rows) == 281
    assert {dataset for dataset, _ in declared} - {row["dataset"] for row in rows} >= OURS
    for row in rows:
        field = declared[row["dataset"], row["field"]]
        rule = f"pattern:{field.pattern}" if field.pattern else (field.range or "")
        assert (
            field.title_zh,
            field.type,
            field.unit or "",
            field.key,
            field.required,
            rule,
            ";".join(field.allowed_values),
            ";".join(field.aliases),
        ) == (
            row["title_zh"],
            row["type"],
            row["unit"],
            row["is_key"] == "yes",
            row["is_required"] == "yes",
            row["rule"],
            row["allowed_values"],
            row["aliases"],
        ), row


@needs_reference
def test_every_dataset_is_as_the_reference_declares_it() -> None:
    contracts = load_contracts()
    rows = reference("datasets.csv")
    assert len(rows) == 41
    assert contracts.datasets.keys() - {row["dataset"] for row in rows} >= OURS
    for row in rows:
        contract = contracts[row["dataset"]]
        needs = " | ".join("+".join(alternative) for alternative in contract.row_needs)
        assert (
            contract.title_zh,
            contract.domain,
            ";".join(contract.departments_allowed),
            contract.cadence,
            str(contract.due_days_after_period),
            contract.kind,
            needs,
            contract.grain,
        ) == tuple(row[k] for k in list(row)[1:])


@needs_reference
def test_unit_factors_agree_with_the_reference() -> None:
    units = load_contracts().units
    for row in reference("units.csv"):
        unit = units.find(row["unit"])
        assert unit is not None
        assert float(unit.factor) == pytest.approx(float(row["factor_to_canonical"]), rel=1e-14)
        assert unit.dimension == row["dimension"]
        assert units.canonical(unit).unit == row["canonical_unit"]
        for alias in filter(None, row["aliases"].split(";")):
            assert units.find(alias) is unit


def test_units_convert_exactly_and_refuse_another_dimension() -> None:
    units = load_contracts().units
    assert units.factor("万亩", "公顷") == Fraction(2000, 3)
    assert units.factor("亿立方米", "万m3") == 10000
    assert units.factor("ＭＧ／Ｌ", "μg/L") == 1000
    with pytest.raises(DimensionError, match="area"):
        units.factor("亩", "吨")
    with pytest.raises(KeyError):
        units.factor("里", "公顷")


def test_areas_are_found_with_and_without_their_suffix() -> None:
    areas = load_contracts().areas
    assert len(areas.townships) == 15
    assert areas.find("凤城") == areas.find(" 凤城镇 ") == "凤城镇"
    assert areas.find("西河") == "西河乡"
    assert areas.find("全县") == "全县"
    assert areas.find("北京") is None


def test_every_unit_that_a_field_names_is_known() -> None:
    contracts = load_contracts()
    units = {f.unit for c in contracts for f in c.fields if f.unit}
    assert {unit for unit in units if contracts.units.find(unit) is None} == set()


def test_period_fields_come_from_the_key() -> None:
    contracts = load_contracts()
    found = {
        d: c.period_field.field if c.period_field else None for d, c in contracts.datasets.items()
    }
    assert found["water_section_quality"] == "sampled_at"
    assert found["target_assignments"] == "year"
    assert found["hazardous_waste_manifests"] == "shipped_on"
    assert found["water_sections"] is None


def test_fold_makes_spellings_equal() -> None:
    assert fold("ＰＭ２.５ ") == fold("pm 2.5") == "pm2.5"
    assert fold("年\n均　浓度") == "年均浓度"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("type: float", "type: flot", 33, "'flot'"),
        ("unit: 万m³", "unit: 万磅", 34, "'万磅' is not in units.yml"),
        ('range: "0.."', "range: 9..1", 37, "is not a range"),
        ("[water_affairs]", "[water_afairs]", 7, "no department has the code 'water_afairs'"),
        ("required: true", "requird: true", 15, "requird"),
        ("  - field: volume", "  - field: year", 31, "the field 'year' stands here twice"),
        ("  - field: volume", "  - field: row_number", 31, "every row carries"),
        ("aliases: [年度]", "aliases: [用途]", 17, "names both year and use_sector"),
        ("cadence: annual", "cadence: yearly", 8, "cadence"),
        ("title_zh: 用水总量", "title_zh: 用水总量\ntitle_zh: 用水", 4, "stands here twice"),
        ("fields:", "fields: [", 11, "not valid YAML"),
        ("dataset: water_use", "dataset: water_uses", 2, "must be its name + .yml"),
    ],
)
def test_a_wrong_contract_is_answered_with_file_and_line(
    folder: Path, old: str, new: str, line: int, words: str
) -> None:
    message = spoil(folder, old, new)
    assert words in message
    where = next(part for part in message.splitlines() if words in part).strip()
    assert where.startswith(f"{folder / 'datasets/water_use.yml'}:"), where
    assert int(where.split(":")[1]) == line, where


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "valid dictionary"),
        (b"- a\n", "valid dictionary"),
        (b"a: 1\0\n", "control characters"),
        ("标题: 用水".encode("gb18030"), "not UTF-8"),
        (b"<<<<<<< HEAD\na: 1\n=======\n", "not valid YAML"),
        (b"a: &x [*x]\n", "holds itself"),
        (b"? [a]\n: 1\n", "is no key"),
        (b"a: !!python/object:os.system x\n", "not valid YAML"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_contract_is_answered_with_its_name(
    folder: Path, content: bytes | None, words: str
) -> None:
    path = folder / "datasets" / "water_use.yml"
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(ContractError) as caught:
        read_contracts(folder)
    assert f"{path}:" in str(caught.value) and words in str(caught.value)


def test_a_missing_table_is_named(folder: Path) -> None:
    (folder / "units.yml").unlink()
    with pytest.raises(ContractError, match=r"units\.yml:1: cannot be read"):
        read_contracts(folder)


@pytest.mark.parametrize("bounds", ["0..1e999", "nan..", "..-inf"])
def test_the_bounds_of_a_range_are_numbers(folder: Path, bounds: str) -> None:
    assert "is not a range" in spoil(folder, 'range: "0.."', f'range: "{bounds}"')


def test_row_needs_must_name_fields(folder: Path) -> None:
    message = spoil(folder, "[reported_rate]", "[reported_rat]", "datasets/urban_sewage.yml")
    assert "row_needs names 'reported_rat', which is no field" in message


def test_all_errors_come_at_once(folder: Path) -> None:
    (folder / "datasets/urban_sewage.yml").write_text("dataset: urban_sewage\n", encoding="utf-8")
    message = spoil(folder, "type: float", "type: flot")
    assert "urban_sewage.yml" in message
    assert "water_use.yml" in message


def test_one_spelling_names_one_unit(folder: Path) -> None:
    message = spoil(folder, "aliases: [mu, 市亩]", "aliases: [公顷]", "units.yml")
    assert "means both" in message


def test_derived_files_have_not_drifted() -> None:
    drifted = []
    for path, text in derived_files(load_contracts()).items():
        target = PROJECT / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            drifted.append(str(path))
    assert not drifted, f"run `make generate`; these differ from the contracts: {drifted}"


def test_no_staging_file_is_left_of_a_dataset_that_is_gone() -> None:
    files = {PROJECT / path for path in derived_files(load_contracts())}
    staging = set((PROJECT / "dbt_project/models/staging").iterdir())
    assert staging <= files, f"run `make generate`: {sorted(p.name for p in staging - files)}"


def test_a_pattern_has_an_example_for_each_alternative() -> None:
    """A receipt shows these: who fills in a table reads no regular expressions."""
    for contract in load_contracts():
        for field in contract.fields:
            if field.pattern:
                assert all(re.fullmatch(field.pattern, text) for text in field.pattern_examples)
