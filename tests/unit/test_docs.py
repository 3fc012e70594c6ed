"""Documentation: every link, anchor, path and command that a page names exists."""

import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
import yaml

from orchestration.cli import eco
from sources.contracts import loader
from tests.unit.test_architecture import ROOMS

PROJECT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "dbt_project/*.md", "sources/samples/*.md")
    for path in PROJECT.glob(pattern)
)
# The changelog speaks of earlier paths, names.md of assets.
NAMING = [page for page in PAGES if page.name not in ("CHANGELOG.md", "names.md")]
CODE = ("sources", "warehouse", "expectations", "orchestration", "dbt_project", "tests")
READ = (".py", ".sql", ".yml", ".csv", ".md", ".js")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_HOUR = re.compile(r"^\| (\d\d:00) \|" + r"([^|\n]*)\|" * 4 + "$", re.MULTILINE)
_CITED = re.compile(r"docs/[\w.-]+\.md(?:#[\w-]+)?")


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings)


def problem(target: str, base: Path) -> str | None:
    """Return what is wrong with a link or citation such as `page.md#anchor`, or None."""
    name, _, anchor = target.partition("#")
    path = base.parent / name if name else base
    if not path.exists():
        return f"no file {target}"
    if anchor and path.suffix == ".md" and anchor not in anchors(path.resolve()):
        return f"no heading #{anchor} in {name or base.name}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    local = [t for t in targets if not re.match(r"[a-z]+:", t)]
    assert [found for target in local if (found := problem(target, page))] == []


def code_files() -> Iterator[Path]:
    """Yield the text files of the code folders, without what dbt leaves behind."""
    for folder in CODE:
        for path in (PROJECT / folder).rglob("*"):
            if path.suffix in READ and not {"target", "logs"}.intersection(path.parts):
                yield path


def test_code_cites_headings_that_exist() -> None:
    wrong = [
        f"{path.relative_to(PROJECT)}: {found}"
        for path in code_files()
        for target in _CITED.findall(path.read_text(encoding="utf-8", errors="replace"))
        if (found := problem(target, PROJECT / "README.md"))
    ]
    assert not wrong


@pytest.mark.parametrize("folder", ROOMS)
def test_the_picture_of_the_rooms_is_true(folder: str) -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = page.partition("## Rooms")[2].partition("\n## ")[0]
    part = re.search(rf"^{folder}/ .*\n((?:    .*\n)*)", picture, re.MULTILINE)
    assert part, f"docs/architecture.md: list the rooms of {folder}/ under Rooms"
    assert re.findall(r"^    (\w+)  ", part[1], re.MULTILINE) == ROOMS[folder]


def named_paths(page: Path) -> Iterator[str]:
    """Yield the paths in the project that a page names as inline code."""
    for span in _SPAN.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(rf"(?:{'|'.join((*CODE, 'docs'))})/[\w./*-]+$", span):
            yield span
        elif re.match(r"(?:models|macros|seeds)/[\w./*-]+$", span):
            yield f"dbt_project/{span}"


@pytest.mark.parametrize("page", NAMING, ids=lambda page: page.name)
def test_paths_exist(page: Path) -> None:
    assert [name for name in named_paths(page) if not any(PROJECT.glob(name))] == []


def command_lines(page: Path) -> Iterator[str]:
    """Yield what a page shows of `eco`: inline code and lines of code blocks."""
    text = page.read_text(encoding="utf-8")
    for block in _FENCE.findall(text):
        for line in block.splitlines():
            if found := re.match(r"(?:.*bin/)?(eco [a-z].*)$", line):
                yield re.split(r"\s{2,}|\s#", found[1])[0]
    for span in _SPAN.findall(_FENCE.sub("", text)):
        if re.match(r"eco [a-z]", span):
            yield span


def unknown_parts(line: str) -> list[str]:
    """Return the commands and options of an `eco` line that do not exist."""
    command: click.Command = eco
    words = re.findall(r"--?[\w-]+|\w[\w-]*", line)[1:]
    while words and isinstance(command, click.Group):
        name = words.pop(0)
        if name not in command.commands:
            return [name]
        command = command.commands[name]
    options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    return [word for word in words if word.startswith("--") and word not in options]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    wrong = {line: bad for line in command_lines(page) if (bad := unknown_parts(line))}
    assert not wrong


def test_the_example_of_a_new_register_is_valid(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "data_engineers.md").read_text(encoding="utf-8")
    [contract] = re.findall(r"^```yaml\n(dataset: .*?)^```", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "datasets").mkdir()
    for path in loader.HERE.glob("*.yml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "datasets" / "ranger_posts.yml").write_text(contract, encoding="utf-8")
    assert [c.dataset for c in loader.read_contracts(tmp_path)] == ["ranger_posts"]
    [mart] = re.findall(r"^```yaml\n(version: .*?)^```", page, re.DOTALL | re.MULTILINE)
    columns = [column["name"] for column in yaml.safe_load(mart)["models"][0]["columns"]]
    assert columns == ["post_name", "township", "rangers", "certified"]


def test_the_example_of_ozone_is_true() -> None:
    """The table follows from its hours; dbt's unit test has the same hours and results."""
    page = (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8")
    example = page.partition("### Ozone of a day: an example\n")[2].partition("\n### ")[0]
    rows = [[cell.strip() for cell in found] for found in _HOUR.findall(example)]
    hours = [float(value) if value else None for _, value, *_ in rows]
    means = {}
    for end in range(8, 25):
        measured = [value for value in hours[end - 8 : end] if value is not None]
        means[end] = sum(measured) / len(measured)
        assert rows[end - 1][2:] == [
            f"{sum(measured):g}",
            str(len(measured)),
            f"{round(means[end], 3):g}",
        ], end
    path = PROJECT / "dbt_project" / "models" / "intermediate" / "air" / "int_air_hour_sums.yml"
    tests = yaml.safe_load(path.read_text(encoding="utf-8"))["unit_tests"]
    [test] = [test for test in tests if test["name"] == "ozone_of_the_example"]
    given = {}
    for line in test["given"][0]["rows"].splitlines()[1:]:
        _, observed_at, value, *_ = line.split(",")
        given[int(observed_at[11:13]) or 24] = float(value) if value else None
    assert [given.get(hour) for hour in range(1, 25)] == hours
    largest = max(value for value in hours if value is not None)
    expected = f"{max(means.values()):g},{len(means)},{largest:g}"
    assert test["expect"]["rows"].splitlines()[1].endswith(f",{expected}")
