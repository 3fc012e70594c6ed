"""The direction of imports, and other conventions that a reader relies on."""

import ast
import re
import subprocess
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
OURS = {"sources", "warehouse", "expectations", "orchestration", "tests"}
# What each folder may import of ours (docs/architecture.md); a prefix allows what is below it.
ALLOWED = {
    "sources": {"sources"},
    "warehouse": {"warehouse", "sources.contracts"},
    "expectations": {"expectations", "warehouse", "sources.contracts"},
    "orchestration": {"orchestration", "expectations", "warehouse", "sources"},
}
# The rooms of each folder in the order of their imports: a room imports only rooms before it.
# A room is a sub-folder, or a module that lies directly in the folder.
ROOMS = {
    "sources": [
        *("limits", "characters", "reasons", "contracts", "reading", "recognise", "layout"),
        *("cleaning", "summary", "placing", "line_counts", "give_back", "between_tables"),
        *("read_file", "receipts"),
    ],
    "warehouse": ["home", "lake", "publication", "care", "build", "report", "output", "region"],
    "expectations": ["rules", "declarations", "data_docs", "engine", "checkpoint"],
    "orchestration": [
        *("errors", "logs", "keys", "plan", "refusals", "progress", "storage", "instance"),
        *("workers", "intake", "dbt_build", "release", "monitoring"),
        *("resources", "outcome", "assets", "sensors", "definitions", "project", "nightly"),
        *("web_ui", "portal", "demo", "region", "commands", "cli"),
    ],
}
TOP_LEVEL = {
    *("orchestration", "dbt_project", "sources", "expectations", "warehouse", "tests", "docs"),
    *("pyproject.toml", "README.md", "README.zh-CN.md", "Makefile", "LICENSE", "CHANGELOG.md"),
    *(
        "CONTRIBUTING.md",
        "requirements.lock",
        "requirements-cluster.lock",
        ".ci",
        ".gitignore",
        ".pre-commit-config.yaml",
    ),
}


def modules(folder: str) -> list[Path]:
    return sorted((PROJECT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            assert node.module is not None
            # `from sources import receipts` imports sources.receipts
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] in OURS}


@pytest.mark.parametrize("folder", ALLOWED)
def test_imports_go_one_way(folder: str) -> None:
    wrong = [
        f"{path.relative_to(PROJECT)} imports {name}"
        for path in modules(folder)
        for name in imported(path)
        if not any(name == a or name.startswith(f"{a}.") for a in ALLOWED[folder])
    ]
    assert not wrong, f"{folder}/ may import only {sorted(ALLOWED[folder])} of ours: {wrong}"


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph() -> dict[str, set[str]]:
    """Return for each of our modules those that it imports, also inside functions."""
    known = {module_name(path): path for folder in ALLOWED for path in modules(folder)}
    graph = {}
    for name, path in known.items():
        # `from a.b import c` names a module a.b.c or a name in a.b
        found = {n if n in known else n.rpartition(".")[0] for n in imported(path)}
        graph[name] = (found & known.keys()) - {name}
    return graph


def room(module: str) -> str | None:
    """Return the room of a module; None for the `__init__` of a top-level folder."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        list(TopologicalSorter(import_graph()).static_order())
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        pytest.fail(f"{circle}: move what both need into a module of its own")


@pytest.mark.parametrize("folder", ROOMS)
def test_rooms_of_a_folder_import_only_rooms_before_them(folder: str) -> None:
    order = ROOMS[folder]
    graph = {m: found for m, found in import_graph().items() if m.split(".")[0] == folder}
    rooms = {name for m in graph if (name := room(m))}
    assert rooms == set(order), f"name the rooms of {folder}/ in ROOMS: {rooms ^ set(order)}"
    wrong = [
        f"{module} imports {other}"
        for module, found in graph.items()
        for other in found
        if other in graph and (here := room(module)) and (there := room(other))
        if order.index(there) > order.index(here)
    ]
    assert not wrong, f"a room of {folder}/ imports only rooms before it ({order}): {wrong}"


@pytest.mark.parametrize("folder", [*ALLOWED, "tests"])
def test_every_module_says_what_belongs_in_it(folder: str) -> None:
    silent = [
        str(path.relative_to(PROJECT))
        for path in modules(folder)
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent, f"open these modules with a docstring: {silent}"


STARTS_ECO = {"loaded", "copy_of_loaded", "running"}  # fixtures that start `eco` as a process


@pytest.mark.parametrize("path", modules("tests/unit"), ids=lambda path: path.name)
def test_unit_tests_start_no_eco_process(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        name.rpartition(".")[2] for name in imported(path) if name.startswith("tests.conftest")
    }
    arguments = {
        argument.arg
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        for argument in node.args.args
    }
    found = names & {"ECO", "Eco"} | arguments & STARTS_ECO
    assert not found, f"{path.name} uses {sorted(found)}: move those tests to tests/integration"


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "-C", str(PROJECT), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.split("\0") if name]


def test_modules_of_tests_have_names_of_their_own() -> None:
    """Otherwise pytest collects them one folder at a time, but not all at once."""
    count = Counter(path.name for path in (PROJECT / "tests").rglob("test_*.py"))
    assert [name for name, files in count.items() if files > 1] == []


def test_top_level_holds_what_the_design_allows() -> None:
    found = {path.split("/")[0] for path in tracked()}
    assert found <= TOP_LEVEL, f"no other top-level entry: {sorted(found - TOP_LEVEL)}"


def test_pre_commit_runs_the_linters_of_make_lint() -> None:
    recipe = (PROJECT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2]
    linters = {
        line.removeprefix("\t$(BIN)/").removesuffix(" .")
        for line in recipe.partition("\n\n")[0].splitlines()
        if line.startswith("\t$(BIN)/")
    }
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = {
        hook["entry"].removeprefix(".venv/bin/").removesuffix(" --force-exclude")
        for repo in hooks["repos"]
        for hook in repo["hooks"]
    }
    assert linters <= entries, f"add to .pre-commit-config.yaml: {sorted(linters - entries)}"


def test_no_file_names_a_package_index_or_a_path_of_one_machine() -> None:
    # Put together from parts, so that this file does not name them either.
    hosts = ["py" + r"pi\.org", "python" + "hosted", "registry" + r"\.npmjs"]
    suspect = re.compile("|".join([*hosts, "/ro{2}t/", "/home/[a-z]+/", "find-links"]))
    this = Path(__file__).relative_to(PROJECT).as_posix()
    binary = (".woff", ".woff2", ".ttf", ".eot", ".png", ".xlsx", ".xls", ".ico")
    hits = []
    for name in tracked():
        if name in (this, "Makefile") or name.endswith(binary) or not (PROJECT / name).is_file():
            continue
        text = (PROJECT / name).read_text(encoding="utf-8", errors="ignore")
        if found := suspect.search(text):
            hits.append(f"{name}: {found.group()}")
    assert not hits
