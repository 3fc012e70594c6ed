"""What docs/operations.md promises: every setting is told, every unit file is one."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DEPLOYMENT = PROJECT / "docs" / "deployment"
CODE = ("sources", "warehouse", "expectations", "orchestration", "dbt_project", "docs/deployment")
READ = (".py", ".yml", ".sql", ".env", ".service")


def test_every_setting_of_the_code_is_in_the_table() -> None:
    used = {
        name
        for folder in CODE
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in READ and not {"target", "logs"}.intersection(path.parts)
        for name in re.findall(r"\bECO_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    text = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = text.partition("## Settings")[2].partition("\n## ")[0]
    told = {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"ECO_[A-Z_]+", line.split("|")[1])
    }
    assert used - told == set(), "add them to the table in docs/operations.md"
    assert told - used <= {"ECO_CHROMIUM", "ECO_TEST_SEED"}, "no code asks for these"


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


def test_the_commands_of_the_units_exist() -> None:
    from orchestration.cli import eco

    for path in DEPLOYMENT.glob("*.service"):
        [line] = re.findall(r"^ExecStart=\S+/eco (.*)$", path.read_text("utf-8"), re.M)
        name, *arguments = line.split()
        options = {o for p in eco.commands[name].params for o in p.opts}
        assert {a for a in arguments if a.startswith("--")} <= options
