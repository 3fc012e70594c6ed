"""The command that takes files in: ingest, once or as files arrive."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.commands.options import home_option, json_option, print_json, report_wait
from warehouse.home.layout import Home

if TYPE_CHECKING:  # imported when the command runs
    from orchestration.intake.outcome import FileOutcome
    from orchestration.intake.service import Intake

_log = logging.getLogger(__name__)
_HEALTH_SECONDS = 300  # the daemon writes the health files as often
_PAUSE_SECONDS = 5  # between two writings of the health files


@click.command(short_help="Take in the files in landing; --watch: as they arrive.")
@home_option
@json_option
@click.option("--watch", is_flag=True, help="Keep running, and take files in as they arrive.")
def ingest(home_dir: Path, as_json: bool, watch: bool) -> None:
    """Take in the files in the landing folders, without building or publishing."""
    from orchestration.intake.service import Intake
    from orchestration.monitoring import aftermath
    from sources.contracts import load_contracts
    from warehouse.home.software import software_version

    home = Home.at(home_dir)
    home.require()
    if watch and as_json:
        raise click.UsageError("--json prints the result at the end, and --watch has no end")
    intake = Intake(home, load_contracts(), software_version())
    if watch:
        _watch(intake)
        return

    def print_outcome(outcome: "FileOutcome") -> None:
        for _, line in () if as_json else outcome.lines():
            click.echo(line)

    outcomes = intake.run(on_file=print_outcome, on_wait=report_wait)
    aftermath.write_health_files(home)
    if as_json:
        print_json([outcome.to_dict() for outcome in outcomes])
    else:
        click.echo(f"{len(outcomes)} file(s); receipts are in landing/<department>/receipts/")
    _require_processed(outcomes)


def _require_processed(outcomes: "list[FileOutcome]") -> None:
    """Raise ClickException when files failed; their tracebacks are kept in a file."""
    from orchestration.errors import keep_details

    failed = [outcome for outcome in outcomes if outcome.outcome == "failed"]
    if failed:
        details = keep_details("\n".join(outcome.details or "" for outcome in failed))
        raise click.ClickException(
            f"{len(failed)} file(s) could not be processed and stay in landing. {details}"
        )


def _watch(intake: "Intake") -> None:
    """Take files in until the process is asked to end; a file being processed is finished first.

    The health files follow each intake and are renewed regularly. Writing them reads the whole
    home, so it has a thread of its own: an arriving file does not wait for it.
    """
    import signal
    import threading

    from orchestration.logs import configure_logging
    from orchestration.monitoring.aftermath import write_health_files

    configure_logging("service")
    stop, changed = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        stop.set()
        changed.set()

    def keep_health_files() -> None:
        while not stop.is_set():
            write_health_files(intake.home)
            stop.wait(_PAUSE_SECONDS)
            changed.wait(_HEALTH_SECONDS)
            changed.clear()

    def report(outcome: "FileOutcome") -> None:
        outcome.log(_log)
        changed.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    _log.info("watching %s; Ctrl-C ends it", intake.home.landing)
    health = threading.Thread(target=keep_health_files, name="health")
    health.start()
    try:
        intake.watch(stop, on_file=report)
    finally:
        end()
        health.join()
    write_health_files(intake.home)
