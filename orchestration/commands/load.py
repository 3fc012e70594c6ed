"""Commands that run the warehouse: init, nightly, dev."""

import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from orchestration.commands.options import (
    home_option,
    json_option,
    print_json,
    require_free_port,
)
from warehouse.home.layout import Home


@click.command(short_help="Create a data home; --demo [full] fills it to be tried.")
@home_option
@click.option(
    "--demo",
    is_flag=False,
    flag_value="plans",
    type=click.Choice(["plans", "full"]),
    help="Also deliver files: the figures that the plans print (plans, the default), or a made-up "
    "county with every dataset (full), whose pages are marked 演示数据.",
)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the made-up county; default: today.",
)
def init(home_dir: Path, demo: str | None, day: datetime | None) -> None:
    """Create a data home: its folders and Dagster's databases. Keeps what exists."""
    from orchestration.instance import prepare_instance
    from orchestration.intake.department_files import refresh
    from orchestration.monitoring.alerts.settings import write_template
    from sources.contracts import load_contracts

    if day is not None and demo != "full":
        raise click.UsageError("--day is the day of --demo full")
    home = Home.at(home_dir)
    home.create(load_contracts().departments)
    prepare_instance(home)
    write_template(home)
    refresh(home, load_contracts())
    click.echo(f"data home ready: {home.root}")
    click.echo(f"departments upload their files to {home.landing}/<department>/")
    if demo == "plans":
        from orchestration.commands.samples import drop_samples

        click.echo(f"{drop_samples(home)} sample file(s) copied into landing")
    elif demo == "full":
        _deliver_demonstration(home, day.date() if day else None)


def _deliver_demonstration(home: Home, day: date | None) -> None:
    from orchestration.demo.make import make_demonstration
    from sources.contracts import load_contracts

    def print_round(received: date, files: int) -> None:
        click.echo(f"{received}: {files} file(s) delivered")

    try:
        files = make_demonstration(home, load_contracts(), day, on_round=print_round)
    except ValueError as error:
        raise click.UsageError(f"--day: {error}") from error
    if not files:
        click.echo(f"{home.root} is a demonstration already; nothing was added")
        return
    click.echo(
        f"{files} file(s) of a made-up county; those of its last day wait for eco nightly. "
        "Every page of this home's publications is marked 演示数据."
    )


@click.command(short_help="Intake, build, checks, publication.")
@home_option
@json_option
@click.option(
    "--as-of",
    metavar="T",
    help="Build as the warehouse was at T: a day, a moment, the stamp of a publication.",
)
@click.option(
    "--year",
    type=click.IntRange(2000, 2100),
    help="The year whose status is shown; default: the latest.",
)
@click.option("--rebuild", is_flag=True, help="Build and publish even when nothing is new.")
def nightly(
    home_dir: Path, as_json: bool, as_of: str | None, year: int | None, rebuild: bool
) -> None:
    """Run the nightly load: intake, build, checks, publication.

    When files, code and day are those of the last publication, it stays in force.
    """
    from orchestration.nightly import run_nightly

    home = Home.at(home_dir)
    if as_of is not None:
        _require_moment(home, as_of)
    outcome = run_nightly(home, as_of=as_of, year=year, rebuild=rebuild)
    if as_json:
        print_json(
            {
                "result": outcome.result,
                "run_id": outcome.run_id,
                "database": str(home.database) if outcome.manifest else None,
                "manifest": outcome.manifest.to_dict() if outcome.manifest else None,
                "problems": outcome.problems,
                "held": outcome.held,
            }
        )
    elif outcome.result == "published":
        click.echo(f"published: {home.database}")
    elif outcome.result == "unchanged":
        click.echo(f"nothing new; {outcome.stands}: {home.database}")
    else:
        click.echo(f"{outcome.result}; {outcome.stands}. Problems:", err=True)
        for problem in outcome.problems:
            click.echo(f"  {problem}", err=True)
        if outcome.data_docs:
            click.echo(f"checks in a browser: {outcome.data_docs}", err=True)
        click.echo("what to do: docs/runbook.md", err=True)
    if not as_json:
        for line in outcome.held:
            click.echo(line)
    sys.exit(outcome.exit_code)


def _require_moment(home: Home, as_of: str) -> None:
    """Raise UsageError for a moment of which no build shows anything, before the load begins."""
    from datetime import UTC

    from orchestration.resources import parse_moment
    from warehouse.home.clock import county_time
    from warehouse.lake.index import submissions

    try:
        parse_moment(as_of)  # a mistyped moment is reported first, whatever the home
        home.require()
        moment = parse_moment(as_of, home)
    except ValueError as error:
        raise click.UsageError(f"--as-of: {error}") from error
    now = datetime.now(UTC)
    if moment > now + timedelta(days=1):  # the end of today is allowed
        raise click.UsageError(f"--as-of: {county_time(moment)} has not come yet")
    received = [submission.received for submission in submissions(home)]
    if received and moment < min(received):
        raise click.UsageError(
            f"--as-of: nothing had been received by {county_time(moment)}; the first file was "
            f"received {county_time(min(received))}"
        )


@click.command(short_help="Dagster's web UI and daemon, until Ctrl+C.")
@home_option
@click.option("--port", default=3000, show_default=True, help="Port of the web UI.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A host name under which a reverse proxy serves the web UI; others are refused.",
)
@click.option("--read-only", is_flag=True, help="The web UI alone; nothing can be changed in it.")
@click.option(
    "--only",
    type=click.Choice(["web", "daemon"]),
    help="Start one of the two alone, as services do (docs/operations.md).",
)
def dev(
    home_dir: Path, port: int, host: str, names: tuple[str, ...], read_only: bool, only: str | None
) -> None:
    """Run Dagster's web UI and daemon for this data home."""
    from orchestration import web_ui
    from orchestration.instance import environment as dagster_environment
    from orchestration.instance import prepare_instance
    from orchestration.monitoring.alerts.settings import secret_variables
    from sources.contracts import load_contracts
    from warehouse.home.settings import HomeSettings

    if read_only and only == "daemon":
        raise click.UsageError("--read-only is for the web UI; the daemon exists to change things")
    load_contracts()  # a mistake is one message here, a stack trace in Dagster's processes
    home = Home.at(home_dir)
    home.require()
    prepare_instance(home)
    environment = {
        **os.environ,
        HomeSettings.variable("home"): str(home.root),
        **dagster_environment(home),
    }
    daemon = (web_ui.daemon_command(), environment)
    web = (
        web_ui.web_command(host, port, names=names, read_only=read_only),
        web_ui.web_environment(environment, secret_variables(home)),
    )
    if only == "daemon":
        web_ui.replace_process(*daemon)
    require_free_port(host, port)
    click.echo(f"web UI: http://{host}:{port}  (Ctrl+C ends it)")
    if only == "web" or read_only:
        web_ui.replace_process(*web)
    sys.exit(web_ui.run_together([web, daemon]))
