"""`eco check`: mistakes in contracts, models and generated files, without a data home or a load."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from orchestration.commands.options import json_option, print_json


@dataclass(frozen=True)
class Step:
    """One group of checks: its problems as `file:line: what is wrong and how to correct it`.

    It is skipped when a step that it needs has problems.
    """

    name: str
    problems: Callable[[], list[str]]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """The outcome of a step; `problems` is None when it was skipped."""

    name: str
    problems: list[str] | None
    seconds: float


def _contracts() -> list[str]:
    from sources.contracts import ContractError, load_contracts

    try:
        load_contracts()
    except ContractError as error:
        return error.problems
    return []


def _plan(folder: Path) -> list[str]:
    from sources.contracts import PlanError, plan_in_force, use_plan

    use_plan(folder)
    try:
        plan_in_force()
    except PlanError as error:
        return error.problems
    return []


def _suites() -> list[str]:
    import expectations

    try:
        expectations.catalogue()
    except expectations.SuiteError as error:
        return error.problems
    return []


def _conventions() -> list[str]:
    from orchestration.project import conventions

    return conventions.problems()


def _sql() -> list[str]:
    from orchestration.dbt_build import lint
    from orchestration.dbt_build.render import RenderError

    try:
        return lint.problems()
    except RenderError as error:
        return [str(error)]


def _dbt() -> list[str]:
    from orchestration.dbt_build.runner import DbtError, manifest_path

    try:
        manifest_path()
    except DbtError as error:
        return [" ".join(str(error).split())]
    return []


def _formulas() -> list[str]:
    from orchestration.project import formulas

    return formulas.problems()


def _generated(source: str) -> Callable[[], list[str]]:
    def problems() -> list[str]:
        from orchestration.project.generate import GENERATORS, stale_files

        [generator] = (g for g in GENERATORS if g.source == source)
        return [f"{path}: not up to date; run: make generate" for path in stale_files(generator)]

    return problems


STEPS = (
    Step("contracts", _contracts),
    Step("suites of checks", _suites, needs=("contracts",)),
    Step("yml of models and seeds", _conventions),
    Step("files generated from contracts", _generated("contracts"), needs=("contracts",)),
    Step("tables of docs/operations.md", _generated("settings and state files")),
    Step(
        "SQL of models",
        _sql,
        needs=("yml of models and seeds", "files generated from contracts"),
    ),
    Step("dbt project", _dbt, needs=("files generated from contracts",)),
    Step("formulas", _formulas, needs=("contracts", "dbt project")),
    Step("files generated from marts", _generated("marts"), needs=("dbt project",)),
    Step("files generated from formulas", _generated("formulas"), needs=("dbt project",)),
    Step(
        "files generated from definitions",
        _generated("definitions"),
        needs=("suites of checks", "dbt project"),
    ),
)


def results(steps: Iterable[Step] = STEPS) -> Iterator[Result]:
    """Run the steps in their order; a step is skipped when one that it needs has problems."""
    failed: set[str] = set()
    for step in steps:
        if failed.intersection(step.needs):
            failed.add(step.name)
            yield Result(step.name, None, 0.0)
            continue
        begun = time.perf_counter()
        problems = step.problems()
        if problems:
            failed.add(step.name)
        yield Result(step.name, problems, round(time.perf_counter() - begun, 1))


@click.command(short_help="Check contracts, models and generated files, or a plan; no load.")
@click.option("--home", expose_value=False, help="Accepted as everywhere; not used.")
@click.option(
    "--plan",
    "plan",
    type=click.Path(file_okay=False, path_type=Path),
    help="Check the folder of a county's own plan instead (docs/regions.md).",
)
@json_option
def check(as_json: bool, plan: Path | None) -> None:
    """Check contracts, suites, models' yml and generated files. Exit code 1: there are mistakes."""
    from warehouse.home.software import PROJECT

    steps = STEPS if plan is None else (Step("plan", lambda: _plan(plan)),)
    done = []
    for result in results(steps):
        done.append(result)
        if as_json:
            continue
        state = "skipped" if result.problems is None else "mistakes" if result.problems else "ok"
        click.echo(f"{result.name:<34}{state:<10}{result.seconds:4.1f} s")
        for problem in result.problems or []:
            click.echo(f"  {problem.replace(f'{PROJECT}/', '')}")
    count = sum(len(result.problems or []) for result in done)
    if as_json:
        print_json([asdict(result) for result in done])
    elif count:
        click.echo(f"{count} mistake(s)")
    sys.exit(1 if count else 0)
