"""What docs/operations.md promises: every variable is in its table, unit files are valid."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestration.project import operations
from warehouse.home import settings

PROJECT = Path(__file__).parents[2]
DEPLOYMENT = PROJECT / "docs" / "deployment"
CODE = ("sources", "warehouse", "expectations", "orchestration", "dbt_project", "docs/deployment")
READ = (".py", ".yml", ".sql", ".env", ".service")


def used_variables() -> set[str]:
    return {
        name
        for folder in CODE
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in READ and not {"target", "logs"}.intersection(path.parts)
        for name in re.findall(r"\bECO_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }


def test_every_variable_that_is_used_is_declared() -> None:
    unknown = used_variables() - set(settings.variables()) - {"ECO_X"}
    assert unknown == set(), "declare them in warehouse/home/settings.py"


def test_variables_are_read_where_they_are_declared() -> None:
    direct = [
        path.relative_to(PROJECT).as_posix()
        for folder in ("sources", "warehouse", "expectations", "orchestration", "tests")
        for path in (PROJECT / folder).rglob("*.py")
        if re.search(r"environ(\.get\(|\[)\s*f?[\"']ECO_", path.read_text(encoding="utf-8"))
    ]
    assert direct == [], "read them with the groups of warehouse/home/settings.py"


def test_the_tables_of_the_page_are_up_to_date() -> None:
    text = operations.PAGE.read_text(encoding="utf-8")
    assert operations.page(text) == text, "run make generate"


@pytest.mark.parametrize("unit", sorted(p.name for p in DEPLOYMENT.glob("*.[st]*[er]")))
def test_unit_files_are_valid(unit: str, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    for path in DEPLOYMENT.glob("eco-*"):  # the program is not where it will be
        text = path.read_text(encoding="utf-8")
        target = tmp_path / path.name
        target.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.M))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit], capture_output=True, text=True
    )
    ours = [line for line in done.stderr.splitlines() if "eco-" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


MOST_EXPOSED = 3.0  # of 10, by systemd's own count


@pytest.mark.parametrize("unit", sorted(p.name for p in DEPLOYMENT.glob("*.service")))
def test_units_are_hardened(unit: str) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=yes", "--no-pager"),
            *(f"--threshold={MOST_EXPOSED * 10:.0f}", DEPLOYMENT / unit),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


@pytest.mark.parametrize("unit", sorted(p.name for p in DEPLOYMENT.glob("*.service")))
def test_units_limit_what_their_processes_reach(unit: str) -> None:
    lines = (DEPLOYMENT / unit).read_text(encoding="utf-8").splitlines()
    needed = {"NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes"}
    assert needed <= {*lines}
    assert any(line.startswith("MemoryMax=") for line in lines)
    assert not [line for line in lines if "0.0.0.0" in line or "--host" in line]


def test_the_commands_of_the_units_exist() -> None:
    from orchestration.cli import eco

    for path in DEPLOYMENT.glob("*.service"):
        [line] = re.findall(r"^ExecStart=\S+/eco (.*)$", path.read_text("utf-8"), re.M)
        name, *arguments = line.split()
        options = {o for p in eco.commands[name].params for o in p.opts}
        assert {a for a in arguments if a.startswith("--")} <= options
