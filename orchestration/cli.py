"""The `eco` command line: reading arguments, printing results, exit codes. No logic of its own.

Exit codes: 0 done, 1 usage or internal error, 2 publication refused by checks (of `eco status`:
somebody has to act). What a command
does is imported when it runs: the libraries behind it take seconds.
"""

import errno
import json
import os
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

REFUSED = 2
ATTENTION = 2  # of `eco status`: somebody has to act


def _home_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--home",
        "home_dir",
        envvar="ECO_HOME",
        default="data",
        show_default=True,
        type=click.Path(file_okay=False, path_type=Path),
        help="The data home; ECO_HOME sets it too.",
    )(command)


def _json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(
        command
    )


def _waits() -> None:
    click.echo("another process is at work in this home; waiting for its end", err=True)


def _print_json(content: Any) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1, default=str))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="yangcheng-eco-warehouse", prog_name="eco")
def eco() -> None:
    """The eco-indicator warehouse of Yangcheng county (阳城县生态文明指标数据仓库)."""


@eco.command(short_help="Make a data home; --demo puts the sample files into it.")
@_home_option
@click.option("--demo", is_flag=True, help="Also put the sample submissions into landing.")
def init(home_dir: Path, demo: bool) -> None:
    """Make a data home: its folders and Dagster's databases. Keeps what is there."""
    from orchestration.alerts.settings import write_template
    from orchestration.demo import drop_samples
    from orchestration.instance import prepare_instance
    from sources.contracts import load_contracts
    from warehouse.home import Home

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


@eco.command(short_help="Take in the files that lie in landing; --watch: as they arrive.")
@_home_option
@_json_option
@click.option("--watch", is_flag=True, help="Stay, and take files in as they arrive.")
def ingest(home_dir: Path, as_json: bool, watch: bool) -> None:
    """Take in what lies in the landing folders, without building or publishing."""
    from orchestration import aftermath
    from orchestration.intake import Intake
    from orchestration.runtime import software_version
    from sources.contracts import load_contracts
    from warehouse.home import Home

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
    outcomes = intake.run(on_file=say, on_wait=_waits)
    note()
    if as_json:
        _print_json(
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


@eco.command(short_help="Intake, build, checks, publication.")
@_home_option
@_json_option
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
    from warehouse.home import Home

    home = Home.at(home_dir)
    if as_of is not None:
        _require_moment(home, as_of)
    outcome = run_nightly(home, as_of=as_of, year=year, rebuild=rebuild)
    if as_json:
        _print_json(
            {
                "result": outcome.result,
                "run_id": outcome.run_id,
                "database": str(home.database) if outcome.manifest else None,
                "manifest": outcome.manifest,
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
    from warehouse.clock import county_time
    from warehouse.lake import submissions

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


_COLUMNS = {
    "indicator_id": "编号",
    "name_zh": "指标",
    "unit": "单位",
    "baseline_2020_raw": "2020基准",
    "target_2025_raw": "2025目标",
    "latest_year": "年份",
    "latest_value": "最新值",
    "status_zh": "状态",
}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _print_indicators(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="阳城县生态文明指标", show_lines=False)
    for name, title in _COLUMNS.items():
        side = "right" if name == "latest_value" else "left"
        table.add_column(title, justify=side, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in _COLUMNS))
    # A pipe has no width of its own; a narrow one would fold every line.
    console = Console()
    Console(width=max(console.width, 120)).print(table)


@eco.command(short_help="What was loaded, what is late or wrong; --indicators.")
@_home_option
@_json_option
@click.option("--indicators", is_flag=True, help="Also print where each indicator stands.")
def status(home_dir: Path, as_json: bool, indicators: bool) -> None:
    """Say how things are: last load, publication, what is late, findings, disk.

    For monitoring: exit code 0 when all is in order or something is to be looked at, 2 when
    somebody has to act (the last load failed or was refused, nothing was published for two
    days, the disk is full).
    """
    from orchestration import health
    from orchestration import status as state
    from warehouse.home import Home

    home = Home.at(home_dir)
    picture = health.examine(home)
    rows = state.indicators(home) if indicators and picture["publication"] else []
    if as_json:
        _print_json({**picture, "indicators": rows} if indicators else picture)
    else:
        if rows:
            _print_indicators(rows)
        for department in picture["departments"]:
            click.echo(
                f"{department['name_zh']} ({department['department']}): "
                f"{department['submissions']} submission(s), {department['rows_accepted']} row(s) "
                f"accepted, {department['rows_rejected']} rejected, {department['refused']} refused"
            )
        for line in state.lines(picture):
            click.echo(line)
        if picture["publication"]:
            click.echo(f"open it read-only with any DuckDB tool: {picture['database']}")
            click.echo(f"report in a browser: {home.report / 'index.html'}")
            click.echo(f"checks in a browser: {home.report / 'data_docs' / 'index.html'}")
    sys.exit(ATTENTION if picture["state"] == "critical" else 0)


@eco.command(short_help="What is wrong and who was told; --test tries the channels.")
@_home_option
@_json_option
@click.option("--test", "try_out", is_flag=True, help="Send a test message to every channel.")
def alerts(home_dir: Path, as_json: bool, try_out: bool) -> None:
    """Say which alerts are on and to whom they were sent; alerts.yml says who gets them."""
    from dataclasses import asdict

    from orchestration.alerts import dispatch, settings, state
    from warehouse.clock import county_time
    from warehouse.home import Home

    home = Home.at(home_dir)
    home.require()
    try:
        if try_out:
            results = dispatch.try_out(home)
            if as_json:
                _print_json(results)
            else:
                for name, error in results.items():
                    click.echo(f"{name}: {error or 'sent'}")
            sys.exit(1 if any(results.values()) else 0)
        settings.load_settings(home)
    except settings.AlertSettingsError as error:
        raise click.ClickException(str(error)) from error
    remembered = state.read(home)
    if as_json:
        _print_json(asdict(remembered))
        return
    for entry in remembered.entries():
        told = ", ".join(entry.sent) or "nobody yet"
        about = " ".join(filter(None, [entry.alert.kind_zh, entry.alert.department_zh]))
        since = county_time(entry.since)
        click.echo(f"[{about}] {entry.alert.text_zh} (since {since}; told: {told})")
    for name, channel in remembered.channels.items():
        how = f"fails: {channel['error']}" if channel.get("error") else "in order"
        click.echo(f"{name}: {how}")
    click.echo(f"{len(remembered.entries())} alert(s) on; settings: {home.alert_settings}")


@eco.command(short_help="What a published value was made from.")
@_home_option
@_json_option
@click.argument("indicator")
@click.option("--year", type=int, required=True, help="The year of the value.")
@click.option("--area", metavar="A", help="县城 or a township; the county without it.")
def trace(home_dir: Path, as_json: bool, indicator: str, year: int, area: str | None) -> None:
    """Print what a published value was made from: formula, rows of files, receipts.

    INDICATOR is A01 to A21, B01 to B26, or a target of the plans' text that a dataset measures.
    """
    from sources.contracts import load_contracts
    from warehouse import trace as tracing
    from warehouse.home import Home

    home = Home.at(home_dir)
    home.require()
    contracts = load_contracts()
    try:
        found = tracing.trace(home, contracts, indicator.upper(), year=year, area=area)
    except tracing.TraceError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        _print_json(found.to_dict())
    else:
        for line in tracing.lines(found, contracts):
            click.echo(line)


@eco.command(short_help="Publish what waits; --list, --rollback.")
@_home_option
@_json_option
@click.option("--list", "list_them", is_flag=True, help="List the publications that are kept.")
@click.option("--rollback", metavar="STAMP", help="Publish that earlier publication again.")
@click.option("--reason", default="", help="Why; it stands in the record of the rollback.")
def publish(
    home_dir: Path, as_json: bool, list_them: bool, rollback: str | None, reason: str
) -> None:
    """Publish what the last load left unpublished, or put an earlier publication back."""
    from orchestration import publication
    from warehouse import publish as publications
    from warehouse.home import Home

    home = Home.at(home_dir)
    home.require()
    if list_them:
        kept = publications.snapshots(home)
        if as_json:
            _print_json([{k: v for k, v in m.items() if k != "checks"} for m in kept])
            return
        for manifest in kept:
            changed = len(manifest.get("changes", {}).get("tables_changed", {}))
            notes = [f"{changed} mart(s) changed"]
            notes += [f"as of {manifest['as_of']}"] if manifest.get("as_of") else []
            notes += [] if manifest["whole"] else ["its database is missing"]
            sign = "*" if manifest["current"] else " "
            version = manifest.get("software_version", "")
            click.echo(f"{sign} {manifest['stamp']}  {version}  {', '.join(notes)}")
        click.echo(f"{len(kept)} publication(s) kept; * is what readers see")
        return
    try:
        if rollback is not None:
            record = publication.roll_back(home, rollback, reason, _waits)
            if as_json:
                _print_json(record)
            else:
                click.echo(f"published again: {record['stamp']} instead of {record['from']}")
                click.echo("it stays until something new arrives; eco nightly --rebuild ends it")
            return
        result, manifest = publication.publish_pending(home, _waits)
    except publications.PublishError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        _print_json({"result": result, "manifest": manifest})
    elif result == "refused":
        pages = max(home.candidates.glob("*/report/data_docs/index.html"), default=None)
        click.echo(f"refused by checks; the last publication stays. See {pages}", err=True)
    elif manifest is None:
        click.echo("nothing is published and nothing waits for it; run: eco nightly")
    else:
        waited = "nothing waited for publication; " if result == "nothing" else ""
        click.echo(f"{waited}published is {manifest['stamp']}: {home.database}")
    sys.exit(REFUSED if result == "refused" else 0)


@eco.command(short_help="Make the pages anew; --issue an edition.")
@_home_option
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
    from orchestration.publication import renew_report
    from warehouse import bulletins
    from warehouse.clock import COUNTY_ZONE
    from warehouse.home import Home
    from warehouse.publish import PublishError

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
            page = renew_report(home, _waits)
    except PublishError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{bulletins.TITLES[issue] if issue else 'report'}: {page}")
    if show:
        click.launch(str(page))


@contextmanager
def _progress(label: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _size(count: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


@eco.command(short_help="Compare every file with its checksum.")
@_home_option
@_json_option
@click.option("--quick", is_flag=True, help="Only what each load checks: existence and size.")
def verify(home_dir: Path, as_json: bool, quick: bool) -> None:
    """Compare archive, lake, quarantine and publications with their recorded checksums.

    Exit code 1 when a file is missing or damaged; each is named with its submission.
    """
    from warehouse import verify as verifying
    from warehouse.home import Home

    home = Home.at(home_dir)
    with _progress("verifying", as_json) as progress:
        found = verifying.verify(home, full=not quick, on_progress=progress)
    if as_json:
        _print_json(found.to_dict())
    else:
        for problem in found.problems:
            click.echo(str(problem), err=True)
        for path in found.unclaimed:
            click.echo(f"{path}: no submission names these bytes (harmless)")
        counted = f"{found.files} file(s) of {found.submissions} submission(s) and publications"
        state = f"{len(found.problems)} PROBLEM(S)" if found.problems else "all are whole"
        click.echo(f"{counted}: {state}")
        if found.problems:
            click.echo(verifying.REMEDY, err=True)
    sys.exit(1 if found.problems else 0)


@eco.command(short_help="Back the data home up.")
@_home_option
@_json_option
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(1), help="Remove all but so many newest backups.")
@click.option("--truth-only", is_flag=True, help="Leave the publications out.")
@click.option("--list", "list_them", is_flag=True, help="List the backups in FOLDER.")
@click.option("--check", "check_them", is_flag=True, help="Read and compare all that FOLDER holds.")
def backup(
    home_dir: Path,
    as_json: bool,
    folder: Path,
    keep: int | None,
    truth_only: bool,
    list_them: bool,
    check_them: bool,
) -> None:
    """Back the data home up into FOLDER; what an earlier backup has is not copied again.

    It may run at any hour, also during a load. FOLDER belongs on another disk.
    """
    from orchestration.runtime import software_version
    from warehouse import backup as backups
    from warehouse.home import Home

    store = backups.Store(folder)
    try:
        if list_them:
            records = store.records()
            if as_json:
                _print_json(
                    [{**vars(r), "files": len(r.files), "size_bytes": r.size} for r in records]
                )
                return
            for r in records:
                only = "" if r.publications else ", without publications"
                click.echo(
                    f"{r.stamp}  {r.software_version}  {r.submissions} submission(s), "
                    f"{len(r.files)} file(s), {_size(r.size)}{only}  {r.home}"
                )
            click.echo(f"{len(records)} backup(s) in {store.root}")
            return
        if check_them:
            with _progress("checking", as_json) as progress:
                problems = backups.check(store, on_progress=progress)
            if as_json:
                _print_json({"problems": problems})
            else:
                for problem in problems:
                    click.echo(problem, err=True)
                click.echo(f"{len(problems)} PROBLEM(S)" if problems else "all backups are whole")
            sys.exit(1 if problems else 0)
        with _progress("backing up", as_json) as progress:
            taken = backups.take(
                Home.at(home_dir),
                store,
                software_version=software_version(),
                publications=not truth_only,
                keep=keep,
                on_progress=progress,
            )
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from error
    record = taken.record
    if as_json:
        _print_json(
            {
                "stamp": record.stamp,
                "submissions": record.submissions,
                "files": len(record.files),
                "size_bytes": record.size,
                "copied_files": taken.copied_files,
                "copied_bytes": taken.copied_bytes,
                "removed_backups": taken.pruned,
            }
        )
        return
    click.echo(
        f"backup {record.stamp}: {record.submissions} submission(s), {len(record.files)} file(s), "
        f"{_size(record.size)}; copied {taken.copied_files} file(s), {_size(taken.copied_bytes)}"
    )
    if taken.pruned:
        click.echo(f"{taken.pruned} older backup(s) removed")


@eco.command(short_help="Restore a backup, or mend single files.")
@_home_option
@_json_option
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--stamp", help="Which backup; the newest without it.")
@click.option("--overwrite", is_flag=True, help="Move aside what the home holds, then restore.")
@click.option("--repair", is_flag=True, help="Only put back files that are missing or damaged.")
@click.option(
    "--lake-from-archive", is_flag=True, help="Make missing and damaged rows again; no FOLDER."
)
@click.option("--all", "everything", is_flag=True, help="With it: also compare all sound files.")
@click.option(
    "--accept-differences",
    is_flag=True,
    help="With it: take rows also where they are read otherwise than then.",
)
def restore(
    home_dir: Path,
    as_json: bool,
    folder: Path | None,
    stamp: str | None,
    overwrite: bool,
    repair: bool,
    lake_from_archive: bool,
    everything: bool,
    accept_differences: bool,
) -> None:
    """Restore the data home from the backups in FOLDER, or its lake from its own archive.

    A home that holds something is refused without --overwrite. Exit code 1 when something could
    not be put back.
    """
    from sources.contracts import load_contracts
    from warehouse import backup as backups
    from warehouse.home import Home

    home = Home.at(home_dir)
    if lake_from_archive:
        if folder is not None or stamp or overwrite or repair:
            raise click.UsageError("--lake-from-archive takes no FOLDER, --stamp, --overwrite ...")
        _restore_from_archive(home, as_json, everything, accept_differences)
        return
    if folder is None:
        raise click.UsageError("name the FOLDER of the backups, or say --lake-from-archive")
    if everything or accept_differences:
        raise click.UsageError("--all and --accept-differences go with --lake-from-archive")
    store = backups.Store(folder)
    try:
        with _progress("restoring", as_json) as progress:
            if repair:
                mended, left = backups.repair(home, store, on_progress=progress)
            else:
                record, aside = backups.restore(
                    home,
                    store,
                    departments=load_contracts().departments,
                    stamp=stamp,
                    overwrite=overwrite,
                    on_progress=progress,
                )
    except backups.BackupError as error:
        raise click.ClickException(str(error)) from error
    if repair:
        if as_json:
            _print_json({"put_back": mended, "left": [problem.to_dict() for problem in left]})
        else:
            for path in mended:
                click.echo(f"put back: {path}")
            for problem in left:
                click.echo(f"left: {problem}", err=True)
            click.echo(f"{len(mended)} file(s) put back, {len(left)} left")
        sys.exit(1 if left else 0)
    if as_json:
        _print_json(
            {
                "stamp": record.stamp,
                "submissions": record.submissions,
                "files": len(record.files),
                "moved_aside": str(aside) if aside else None,
            }
        )
        return
    click.echo(f"restored {record.submissions} submission(s) of backup {record.stamp}: {home.root}")
    if aside:
        click.echo(f"what was there is in {aside}; remove it when it is no longer needed")
    click.echo("run eco nightly to build and publish from it")


def _restore_from_archive(
    home: Any, as_json: bool, everything: bool, accept_differences: bool
) -> None:
    from orchestration.reread import Reread, Rereading
    from orchestration.runtime import software_version
    from sources.contracts import load_contracts

    def say(reread: Reread) -> None:
        s = reread.submission
        if not as_json and reread.outcome != "sound":
            sheet = f" / {s.sheet}" if s.sheet else ""
            click.echo(
                f"{reread.outcome}: {s.department}/{s.file_name}{sheet} "
                f"(submission {s.submission_id}, taken in by {s.software_version})"
            )
            for line in (*reread.differences, *(f"put in place: {p}" for p in reread.paths)):
                click.echo(f"  {line}")

    rereading = Rereading(home, load_contracts(), software_version())
    done = rereading.run(
        everything=everything, accept_differences=accept_differences, on_submission=say
    )
    left = [r for r in done if r.outcome in ("differs", "lost")]
    if as_json:
        _print_json([reread.to_dict() for reread in done])
    else:
        counts = Counter(reread.outcome for reread in done)
        said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "no damage"
        click.echo(f"{len(done)} submission(s) read again: {said}")
    sys.exit(1 if left else 0)


@eco.command(short_help="The spreadsheets that departments fill in.")
@click.option("--home", expose_value=False, help="Taken as everywhere; templates need no home.")
@click.option("--department", metavar="D", help="Only this department's (its folder's name).")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write; one folder a department.",
)
def templates(department: str | None, out: Path) -> None:
    """Write the spreadsheets that departments fill in: one per dataset that each may deliver."""
    from sources.contracts import load_contracts
    from sources.templates import templates as made

    contracts = load_contracts()
    if department is not None and department not in contracts.departments:
        known = ", ".join(contracts.departments)
        raise click.UsageError(f"--department: '{department}' is none of {known}")
    count = 0
    for code in [department] if department else contracts.departments:
        folder = out / code
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in made(code, contracts):
            (folder / name).write_bytes(content)
            count += 1
    click.echo(f"{count} template(s) written to {out}")


def _require_free(host: str, port: int) -> None:
    """Dagster itself would say it in a traceback, after its services have started."""
    import socket

    try:
        family = socket.getaddrinfo(host, port)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror}. Is another eco dev running? "
            "Choose another port with --port."
        ) from error


@eco.command(short_help="Dagster's web UI and daemon, until Ctrl+C.")
@_home_option
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
    from warehouse.home import Home

    home = Home.at(home_dir)
    home.require()
    prepare_instance(home)
    environment = {
        # Dagster recommends another of its programs to whoever starts this one.
        "PYTHONWARNINGS": "ignore:Function `dev_command` is superseded",
        **os.environ,
        "ECO_HOME": str(home.root),
        "DAGSTER_HOME": str(home.dagster),
    }
    programs = {
        None: ["dagster", "dev", "-h", host, "-p", str(port)],
        "web": ["dagster-webserver", "-h", host, "-p", str(port)],
        "daemon": ["dagster-daemon", "run"],
    }
    program, *arguments = programs[only]
    if only != "daemon":
        _require_free(host, port)
        click.echo(f"web UI: http://{host}:{port}  (Ctrl+C ends it)")
    path = Path(sys.executable).with_name(program)
    sys.stdout.flush()
    os.execve(path, [str(path), *arguments, "-m", "orchestration.definitions"], environment)


_OURS = ("sources", "warehouse", "expectations", "orchestration")
_REMEDIES = {
    errno.ENOSPC: "The disk is full: free some space, then run the command again.",
    errno.EDQUOT: "The disk quota is used up: free some space, then run the command again.",
    errno.EROFS: "The file system is read-only: mount it for writing, or choose another place.",
    errno.EACCES: "Run the command as the user who owns that file or folder, or mend its rights.",
    errno.EPERM: "Run the command as the user who owns that file or folder, or mend its rights.",
    errno.EIO: "The disk or the share failed: look at it before anything else.",
}


def _sentence(error: Exception) -> str:
    """What a person is told of an error that no command expected."""
    if type(error).__module__.partition(".")[0] in _OURS:  # it was written for people
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        remedy = _REMEDIES.get(error.errno or 0, "Mend that, then run the command again.")
        return f"{error.filename or 'data home'}: {error.strerror}. {remedy}"
    text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return f"unexpected, and not your mistake: {text}\n{_kept(traceback.format_exc())}"


def _kept(details: str) -> str:
    """Keep what a developer needs in a file, so that a terminal shows sentences only."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="eco-error-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(details)
    except OSError:
        return details
    return f"The details are in {file.name}; send that file to whoever looks after the software."


def main() -> None:
    """Run the command line; every error becomes a sentence and an exit code of 1."""
    from orchestration.runtime import collect_garbage_rarely

    collect_garbage_rarely()
    try:
        eco.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except click.Abort:
        sys.exit(1)
    except Exception as error:  # the last resort: no traceback reaches a user
        click.echo(f"Error: {_sentence(error)}", err=True)
        sys.exit(1)
