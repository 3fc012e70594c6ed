"""Commands that load and publish: init, ingest, nightly, publish, report, dev."""

import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from orchestration.commands.options import (
    REFUSED,
    home_option,
    json_option,
    print_json,
    report_wait,
    require_free_port,
)


@click.command(short_help="Make a data home; --demo puts the sample files into it.")
@home_option
@click.option("--demo", is_flag=True, help="Also put the sample submissions into landing.")
def init(home_dir: Path, demo: bool) -> None:
    """Make a data home: its folders and Dagster's databases. Keeps what is there."""
    from orchestration.commands.samples import drop_samples
    from orchestration.instance import prepare_instance
    from orchestration.monitoring.alerts.settings import write_template
    from sources.contracts import load_contracts
    from warehouse.home.layout import Home

    home = Home.at(home_dir)
    home.create(load_contracts().departments)
    prepare_instance(home)
    write_template(home)
    click.echo(f"data home ready: {home.root}")
    click.echo(f"departments drop their files into {home.landing}/<department>/")
    if demo:
        click.echo(f"{drop_samples(home)} sample file(s) put into landing")


_LOOK_SECONDS = 300  # as often as the daemon renews the health files
_REST_SECONDS = 5


def _watch(
    intake: Any, landing: Path, say: Callable[[Any], None], note: Callable[[], None]
) -> None:
    """Watch until the process is asked to end; a file in work is finished first.

    `note` follows what was taken in, and comes round by itself. It walks over the home, so it has
    a thread of its own: a file that arrives meanwhile does not wait for it.
    """
    import signal
    import threading

    stop, news = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        stop.set()
        news.set()

    def look() -> None:
        while not stop.is_set():
            note()
            stop.wait(_REST_SECONDS)
            news.wait(_LOOK_SECONDS)
            news.clear()

    def tell(outcome: Any) -> None:
        say(outcome)
        news.set()

    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, end)
    click.echo(f"watching {landing}; Ctrl-C ends it")
    looking = threading.Thread(target=look, name="health")
    looking.start()
    try:
        intake.watch(stop, on_file=tell)
    finally:
        end()
        looking.join()


@click.command(short_help="Take in the files that lie in landing; --watch: as they arrive.")
@home_option
@json_option
@click.option("--watch", is_flag=True, help="Stay, and take files in as they arrive.")
def ingest(home_dir: Path, as_json: bool, watch: bool) -> None:
    """Take in what lies in the landing folders, without building or publishing."""
    from orchestration.intake.service import Intake
    from orchestration.monitoring import aftermath
    from sources.contracts import load_contracts
    from warehouse.home.layout import Home
    from warehouse.home.software import software_version

    home = Home.at(home_dir)
    home.require()
    if watch and as_json:
        raise click.UsageError("--json prints the result when all is done; --watch never is.")

    def say(outcome: Any) -> None:
        if not as_json:
            states = ", ".join(
                f"{s.dataset or s.reason_code} {s.rows_accepted}/{s.rows_read}"
                for s in outcome.submissions
            )
            click.echo(f"{outcome.department}/{outcome.file_name}: {outcome.outcome} {states}")

    def note() -> None:
        aftermath.note(home, say=lambda line: click.echo(line, err=True))

    intake = Intake(home, load_contracts(), software_version())
    if watch:
        _watch(intake, home.landing, say, note)
        note()
        return
    outcomes = intake.run(on_file=say, on_wait=report_wait)
    note()
    if as_json:
        print_json(
            [
                {
                    "department": o.department,
                    "file_name": o.file_name,
                    "outcome": o.outcome,
                    "receipt": str(o.receipt) if o.receipt else None,
                    "error": o.error,
                    "submissions": [
                        {
                            "submission_id": s.submission_id,
                            "dataset": s.dataset,
                            "sheet": s.sheet,
                            "status": s.status,
                            "rows_read": s.rows_read,
                            "rows_accepted": s.rows_accepted,
                            "rows_rejected": s.rows_rejected,
                            "rows_duplicate": s.rows_duplicate,
                        }
                        for s in o.submissions
                    ],
                }
                for o in outcomes
            ]
        )
    else:
        click.echo(f"{len(outcomes)} file(s); receipts are in landing/<department>/receipts/")
    if any(o.outcome == "failed" for o in outcomes):
        raise click.ClickException("some files could not be processed; they stay in landing")


@click.command(short_help="Intake, build, checks, publication.")
@home_option
@json_option
@click.option(
    "--as-of",
    metavar="T",
    help="Build as the warehouse looked then: a day, a moment, the stamp of a publication.",
)
@click.option(
    "--year",
    type=click.IntRange(2000, 2100),
    help="The year whose status is shown, instead of the latest.",
)
@click.option("--rebuild", is_flag=True, help="Build and publish also when nothing is new.")
def nightly(
    home_dir: Path, as_json: bool, as_of: str | None, year: int | None, rebuild: bool
) -> None:
    """Run the nightly load: intake, build, checks, publication.

    When neither files nor code nor the day have changed, the last publication stands.
    """
    from orchestration.nightly import run_nightly
    from warehouse.home.layout import Home

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
            }
        )
    elif outcome.result == "published":
        click.echo(f"published: {home.database}")
    elif outcome.result == "unchanged":
        click.echo(f"nothing new, published as before: {home.database}")
    else:
        click.echo(f"{outcome.result}; the last publication stays. Why:", err=True)
        for problem in outcome.problems:
            click.echo(f"  {problem}", err=True)
        if outcome.data_docs:
            click.echo(f"the checks in a browser: {outcome.data_docs}", err=True)
    sys.exit(outcome.exit_code)


def _require_moment(home: Any, as_of: str) -> None:
    """Refuse a moment of which no build can show anything, before a load takes its minutes."""
    from datetime import UTC

    from orchestration.resources import parse_moment
    from warehouse.home.clock import county_time
    from warehouse.lake.submissions import submissions

    try:
        parse_moment(as_of)  # a typing error is told first, whatever the home
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
            f"--as-of: nothing had been received by {county_time(moment)}; the first file came "
            f"{county_time(min(received))}"
        )


@click.command(short_help="Publish what waits; --list, --rollback.")
@home_option
@json_option
@click.option("--list", "list_them", is_flag=True, help="List the publications that are kept.")
@click.option("--rollback", metavar="STAMP", help="Publish that earlier publication again.")
@click.option("--reason", default="", help="Why; it stands in the record of the rollback.")
def publish(
    home_dir: Path, as_json: bool, list_them: bool, rollback: str | None, reason: str
) -> None:
    """Publish what the last load left unpublished, or put an earlier publication back."""
    from orchestration.release import service as release
    from warehouse.home.layout import Home
    from warehouse.publication.current import PublishError, snapshots

    home = Home.at(home_dir)
    home.require()
    if list_them:
        kept = snapshots(home)
        if as_json:
            print_json(
                [{k: v for k, v in each.to_dict().items() if k != "checks"} for each in kept]
            )
            return
        for snapshot in kept:
            manifest, build = snapshot.manifest, snapshot.manifest.build
            notes = [f"{len(manifest.changes.tables_changed)} mart(s) changed"]
            notes += [f"as of {build.as_of}"] if build.as_of else []
            notes += [] if snapshot.whole else ["its database is missing"]
            sign = "*" if snapshot.current else " "
            version = build.software_version or ""
            click.echo(f"{sign} {manifest.stamp}  {version}  {', '.join(notes)}")
        click.echo(f"{len(kept)} publication(s) kept; * is what readers see")
        return
    try:
        if rollback is not None:
            record = release.roll_back(home, rollback, reason, report_wait)
            if as_json:
                print_json(record.to_dict())
            else:
                click.echo(f"published again: {record.stamp} instead of {record.replaced}")
                click.echo("it stays until something new arrives; eco nightly --rebuild ends it")
            return
        result, published = release.publish_pending(home, report_wait)
    except PublishError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_json({"result": result, "manifest": published.to_dict() if published else None})
    elif result == "refused":
        pages = max(home.candidates.glob("*/report/data_docs/index.html"), default=None)
        click.echo(f"refused by checks; the last publication stays. See {pages}", err=True)
    elif published is None:
        click.echo("nothing is published and nothing waits for it; run: eco nightly")
    else:
        waited = "nothing waited for publication; " if result == "nothing" else ""
        click.echo(f"{waited}published is {published.stamp}: {home.database}")
    sys.exit(REFUSED if result == "refused" else 0)


@click.command(short_help="Make the pages anew; --issue an edition.")
@home_option
@click.option("--open", "show", is_flag=True, help="Also open it in the browser.")
@click.option(
    "--issue",
    metavar="KIND",
    help="Issue an edition instead: daily, weekly or monthly. It stays as it is for good.",
)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="With --issue: the last period that was over when this day began; default today.",
)
def report(home_dir: Path, show: bool, issue: str | None, day: datetime | None) -> None:
    """Make the pages of the report anew from the published file, or issue an edition."""
    from orchestration.release.service import renew_report
    from warehouse.home.clock import COUNTY_ZONE
    from warehouse.home.layout import Home
    from warehouse.output import bulletins
    from warehouse.publication.current import PublishError

    if day and not issue:
        raise click.UsageError("--day goes with --issue")
    if issue and issue not in bulletins.KINDS:
        raise click.UsageError(f"--issue takes {', '.join(bulletins.KINDS)}, not {issue}")
    home = Home.at(home_dir)
    try:
        if issue:
            home.require()
            moment = day.replace(tzinfo=COUNTY_ZONE) if day else datetime.now(COUNTY_ZONE)
            page = bulletins.write_edition(home, issue, moment)
        else:
            page = renew_report(home, report_wait)
    except PublishError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{bulletins.TITLES[issue] if issue else 'report'}: {page}")
    if show:
        click.launch(str(page))


@click.command(short_help="Dagster's web UI and daemon, until Ctrl+C.")
@home_option
@click.option("--port", default=3000, show_default=True, help="Port of the web UI.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--only",
    type=click.Choice(["web", "daemon"]),
    help="Start one of the two alone, as services do (docs/operations.md).",
)
def dev(home_dir: Path, port: int, host: str, only: str | None) -> None:
    """Open the Dagster web UI with the daemon behind it, for this data home."""
    from orchestration.instance import prepare_instance
    from sources.contracts import load_contracts
    from warehouse.home.layout import Home
    from warehouse.home.settings import HomeSettings

    load_contracts()  # a mistake is one message here, a stack trace in Dagster's processes
    home = Home.at(home_dir)
    home.require()
    prepare_instance(home)
    environment = {
        # Dagster recommends another of its programs to whoever starts this one.
        "PYTHONWARNINGS": "ignore:Function `dev_command` is superseded",
        **os.environ,
        HomeSettings.variable("home"): str(home.root),
        "DAGSTER_HOME": str(home.dagster),
    }
    programs = {
        None: ["dagster", "dev", "-h", host, "-p", str(port)],
        "web": ["dagster-webserver", "-h", host, "-p", str(port)],
        "daemon": ["dagster-daemon", "run"],
    }
    program, *arguments = programs[only]
    if only != "daemon":
        require_free_port(host, port)
        click.echo(f"web UI: http://{host}:{port}  (Ctrl+C ends it)")
    path = Path(sys.executable).with_name(program)
    sys.stdout.flush()
    os.execve(path, [str(path), *arguments, "-m", "orchestration.definitions"], environment)
