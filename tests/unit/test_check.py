"""`eco new dataset` and `eco check`: the file to fill in, and how mistakes are reported."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import eco
from orchestration.commands import check, new
from orchestration.commands.check import Step
from orchestration.project import generate
from orchestration.project.generate import Generator, stale_files
from sources.contracts import ContractError, loader
from sources.contracts.loader import read_contracts
from sources.contracts.model import Contract, Field

FILLED = {
    "title_zh": "护林站登记",
    "domain": "forestry",
    "grain": "one row per year",
    "kind": "register",
    "departments_allowed": "forestry",
    "cadence": "register",
    "due_days_after_period": "0",
    "field": "rangers",
    "unit": "人",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the code tables without datasets, in the place of the product's."""
    (tmp_path / "datasets").mkdir()
    for path in loader.HERE.glob("*.yml"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(loader, "HERE", tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(eco, arguments)
    return result.exit_code, result.output


def filled(text: str) -> str:
    """Replace each TODO by a value for its key."""
    return re.sub(r"(\w+): (\[?)TODO", lambda m: f"{m[1]}: {m[2]}{FILLED[m[1]]}", text)


def test_the_new_file_loads_once_it_is_filled_in(folder: Path) -> None:
    code, output = run("new", "dataset", "ranger_posts")
    assert code == 0
    assert "eco check" in output
    path = folder / "datasets" / "ranger_posts.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(filled(text), encoding="utf-8")
    contract = read_contracts(folder)["ranger_posts"]
    assert [field.field for field in contract.fields] == ["year", "rangers"]


def test_what_is_left_to_fill_in_is_named_with_its_line(folder: Path) -> None:
    run("new", "dataset", "ranger_posts")
    path = folder / "datasets" / "ranger_posts.yml"
    lines = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(ContractError) as caught:
        read_contracts(folder)
    expected = [
        f"{path}:{number}: fill in '{re.findall(r'[a-z_]+', line)[0]}'"
        for number, line in enumerate(lines, 1)
        if "TODO" in line and not line.lstrip().startswith("#")
    ]
    assert caught.value.problems == expected


def test_the_new_file_shows_every_key_of_a_contract(folder: Path) -> None:
    text = new.contract_text("ranger_posts")
    for model in (Contract, Field):
        for key, info in model.model_fields.items():
            assert re.search(rf"^(?:  - | *)(?:# )?{key}:", text, re.MULTILINE), key
            assert info.description, f"describe {model.__name__}.{key} in a docstring below it"


def test_examples_of_optional_keys_are_valid(folder: Path) -> None:
    """A comment taken away gives a value of the right kind."""
    text = filled(new.contract_text("ranger_posts"))
    for key in ("range", "aliases"):
        changed = re.sub(rf"^    # {key}:", f"    {key}:", text, flags=re.MULTILINE)
        (folder / "datasets" / "ranger_posts.yml").write_text(changed, encoding="utf-8")
        read_contracts(folder)


@pytest.mark.parametrize("name", ["Rangers", "2020", "ranger-posts", "../x", ""])
def test_a_wrong_name_is_refused(folder: Path, name: str) -> None:
    code, output = run("new", "dataset", name)
    assert code == 2
    assert "lower-case letters" in output
    assert not list((folder / "datasets").iterdir())


def test_a_declared_dataset_is_not_overwritten(folder: Path) -> None:
    run("new", "dataset", "ranger_posts")
    code, output = run("new", "dataset", "ranger_posts")
    assert code == 2
    assert "declared already" in output


def test_steps_that_need_a_failed_one_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (
        Step("a", lambda: ["x.yml:3: wrong"]),
        Step("b", list),
        Step("c", list, needs=("a",)),
        Step("d", list, needs=("c",)),
    )
    monkeypatch.setattr(check, "STEPS", steps)
    code, output = run("check")
    assert code == 1
    assert "  x.yml:3: wrong\n" in output
    code, output = run("check", "--json")
    found = {result["name"]: result["problems"] for result in json.loads(output)}
    assert found == {"a": ["x.yml:3: wrong"], "b": [], "c": None, "d": None}


def test_check_without_mistakes_ends_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "STEPS", (Step("a", list),))
    assert run("check")[0] == 0


def test_generated_files_are_compared_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {Path("same"): "1", Path("other"): "1", Path("new/one"): "1", Path("old"): None}
    generator = Generator("test", lambda: texts)
    monkeypatch.setattr(generate, "PROJECT", tmp_path)
    monkeypatch.setattr(generate, "GENERATORS", (generator,))
    for name, text in (("same", "1"), ("other", "2"), ("old", "2")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert stale_files(generator) == [Path("other"), Path("new/one"), Path("old")]
    assert list(generate.write()) == [Path("other"), Path("new/one"), Path("old")]
    assert stale_files(generator) == []
    assert not (tmp_path / "old").exists()


def test_generating_reports_mistakes_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> dict[Path, str | None]:
        raise ContractError(["x.yml:3: wrong"])

    monkeypatch.setattr(generate, "GENERATORS", (Generator("test", broken),))
    with pytest.raises(SystemExit) as ended:
        generate.main()
    assert "x.yml:3: wrong" in str(ended.value)
