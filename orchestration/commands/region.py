"""`eco region`: a province or city as a home of counties' data homes (docs/regions.md)."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.commands.options import (
    ATTENTION,
    default_home,
    json_option,
    print_json,
    report_wait,
)

if TYPE_CHECKING:
    from orchestration.region import Loaded
    from warehouse.region.layer import CountyState


def _region_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--home",
        "root",
        default=default_home,
        show_default="ECO_HOME, else ./data",
        type=click.Path(file_okay=False, path_type=Path),
        help="The region's folder.",
    )(command)


@click.group(short_help="Many counties: init, add, nightly, status.")
def region() -> None:
    """A region (province, city) of counties: each in its own data home, one file above them."""


@region.command(short_help="Create a region.")
@_region_option
@click.option("--name", "name_zh", required=True, help="Its Chinese name, such as 晋城市.")
def init(root: Path, name_zh: str) -> None:
    """Create a region, or give the one that is there another name."""
    from warehouse.region import members

    made = members.create(root, name_zh)
    click.echo(f"region ready: {made.root} ({made.name_zh}, {len(made.members)} county(ies))")
    click.echo(f"add counties: eco region add COUNTY_HOME --home {made.root} --code CODE")


@region.command(short_help="Add a county's data home.")
@click.argument("county_home", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_region_option
@click.option("--code", required=True, help="The county's code, such as 140522; it names its rows.")
@click.option("--name", "name_zh", help="Its Chinese name; default: that of its plan.")
def add(county_home: Path, root: Path, code: str, name_zh: str | None) -> None:
    """Add a county, or give the one of that code another name or home.

    COUNTY_HOME is its data home, made with eco init. Its rows come with the next nightly load.
    """
    from orchestration.plan import use_plan_of
    from sources.contracts import load_contracts
    from warehouse.home.layout import Home
    from warehouse.region import members

    home = Home.at(county_home)
    home.require()
    use_plan_of(home)
    name = name_zh or load_contracts().county.name_zh
    made = members.add(members.at(root), home, code, name)
    click.echo(f"{code} {name}: {home.root}")
    click.echo(f"{made.name_zh} has {len(made.members)} county(ies)")


@region.command(short_help="Load each county, then the region's file and page.")
@_region_option
@json_option
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    help="Counties loaded side by side; default: the number of cores.",
)
@click.option("--rebuild", is_flag=True, help="Build all counties, also those with nothing new.")
def nightly(root: Path, as_json: bool, processes: int | None, rebuild: bool) -> None:
    """Run the nightly load of every county, then publish the region's file and page.

    A county whose load is refused or fails keeps its last publication in the region, marked. Exit
    code 2: a county was refused, 1: one failed.
    """
    from orchestration.region import run_nightly
    from warehouse.region import members

    found = members.at(root)

    def report(loaded: "Loaded") -> None:
        if as_json:
            return
        member, load = loaded.member, loaded.load
        click.echo(f"{member.code} {member.name_zh}: {load.result} ({loaded.seconds:.0f} s)")
        for problem in load.problems:
            click.echo(f"  {problem}", err=True)

    done = run_nightly(
        found, processes=processes, rebuild=rebuild, on_county=report, on_wait=report_wait
    )
    if as_json:
        print_json(
            {
                "database": str(found.database),
                "layer": "published" if done.layer.is_new else "unchanged",
                "layer_seconds": round(done.layer_seconds, 2),
                "counties": [
                    {
                        **asdict(state),
                        "result": loaded.load.result,
                        "seconds": round(loaded.seconds, 2),
                    }
                    for state in done.layer.counties
                    for loaded in done.counties
                    if loaded.member.code == state.code
                ],
            }
        )
    else:
        verb = "published" if done.layer.is_new else "nothing new:"
        click.echo(f"{verb} {found.database} ({done.layer_seconds:.1f} s)")
    sys.exit(done.exit_code)


@region.command(short_help="The counties' last loads and publications.")
@_region_option
@json_option
def status(root: Path, as_json: bool) -> None:
    """Report each county's last load and publication. Exit code 2: somebody has to act."""
    from warehouse.region import layer, members

    found = members.at(root)
    states, loads = layer.county_states(found), found.loads()
    if as_json:
        print_json({"name_zh": found.name_zh, "counties": [asdict(state) for state in states]})
    else:
        click.echo(f"{found.name_zh}: {found.database}")
        for state in states:
            click.echo(_line(state))
            for problem in loads[state.code].problems if state.is_kept else ():
                click.echo(f"  {problem}")
    sys.exit(ATTENTION if any(state.is_kept for state in states) else 0)


def _line(state: "CountyState") -> str:
    from warehouse.home.clock import county_time

    published = county_time(state.published_at) if state.published_at else "never"
    since = f" since {county_time(state.kept_since)}" if state.kept_since else ""
    return f"{state.code} {state.name_zh}: {state.state}{since}; published: {published}"
