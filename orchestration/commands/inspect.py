"""Commands that only read: status, alerts, trace, verify."""

import sys
from pathlib import Path
from typing import Any, Literal

import click

from orchestration.commands.options import (
    ATTENTION,
    home_option,
    json_option,
    print_json,
    progress_bar,
)
from warehouse.home.layout import Home

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

    from sources.contracts import load_contracts

    title = f"{load_contracts().county.name_zh}生态文明指标"
    table = Table(title=title, show_lines=False)
    for name, title in _COLUMNS.items():
        side: Literal["left", "right"] = "right" if name == "latest_value" else "left"
        table.add_column(title, justify=side, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in _COLUMNS))
    # A pipe has no width of its own; a narrow one would fold every line.
    console = Console()
    Console(width=max(console.width, 120)).print(table)


@click.command(short_help="Loads, overdue files, findings, disk; --indicators.")
@home_option
@json_option
@click.option("--indicators", is_flag=True, help="Also print the status of each indicator.")
def status(home_dir: Path, as_json: bool, indicators: bool) -> None:
    """Report the state: last load, publication, overdue submissions, findings, disk.

    For monitoring: exit code 0 when everything is in order or something needs a look, 2 when
    somebody has to act (the last load failed or was refused, nothing was published for two
    days, the disk is full).
    """
    from orchestration.monitoring import status as text
    from orchestration.monitoring.health import examine

    home = Home.at(home_dir)
    report = examine(home)
    facts = report.facts
    rows = text.indicators(home) if indicators and facts.publication else []
    if as_json:
        print_json(report.to_dict() | ({"indicators": rows} if indicators else {}))
    else:
        if rows:
            _print_indicators(rows)
        for department in facts.departments:
            click.echo(
                f"{department.name_zh} ({department.department}): "
                f"{department.submissions} submission(s), {department.rows_accepted} row(s) "
                f"accepted, {department.rows_rejected} rejected; {department.refused} refused"
            )
        for line in text.lines(report):
            click.echo(line)
        if facts.publication:
            click.echo(f"open it read-only with any DuckDB tool: {facts.database}")
            click.echo(f"report in a browser: {home.report / 'index.html'}")
            click.echo(f"checks in a browser: {home.report / 'data_docs' / 'index.html'}")
    sys.exit(ATTENTION if report.state == "critical" else 0)


@click.command(short_help="Active alerts and their recipients; --test.")
@home_option
@json_option
@click.option("--test", "send_test", is_flag=True, help="Send a test message to every channel.")
@click.option("--failed-unit", metavar="UNIT", help="Send that a systemd unit has failed.")
def alerts(home_dir: Path, as_json: bool, send_test: bool, failed_unit: str | None) -> None:
    """List the active alerts and the channels that received them; alerts.yml sets the channels."""
    from orchestration.monitoring.alerts import settings, state
    from warehouse.home.clock import county_time

    home = Home.at(home_dir)
    home.require()
    try:
        if send_test:
            _send_test(home, as_json)
        settings.load_settings(home)
        if failed_unit:
            _send_unit_failure(home, failed_unit)
    except settings.AlertSettingsError as error:
        raise click.ClickException(str(error)) from error
    current = state.read(home)
    if as_json:
        print_json(current.to_dict())
        return
    for entry in current.entries():
        channels = ", ".join(entry.sent) or "none yet"
        subject = " ".join(filter(None, [entry.alert.kind_zh, entry.alert.department_zh]))
        since = county_time(entry.since)
        click.echo(f"[{subject}] {entry.alert.text_zh} (since {since}; sent to: {channels})")
    for name, channel in current.channels.items():
        click.echo(f"{name}: {f'fails: {channel.error}' if channel.error else 'in order'}")
    click.echo(f"{len(current.entries())} alert(s) on; settings: {home.alert_settings}")


def _send_unit_failure(home: Home, unit: str) -> None:
    """Send an alert about a unit that systemd has given up (`OnFailure=`)."""
    from orchestration.monitoring import aftermath
    from orchestration.monitoring.alerts.model import Alert
    from warehouse.home import clock

    text = f"服务 {unit} 异常停止，请查看：journalctl -u {unit}；处理办法见 docs/runbook.md"
    news = Alert(f"unit:{unit}:{clock.now():%Y%m%dT%H%M%S}", "system", text)
    aftermath.review(home, [news])


def _send_test(home: Home, as_json: bool) -> None:
    from orchestration.monitoring.alerts.dispatch import send_test_messages

    results = send_test_messages(home)
    if as_json:
        print_json(results)
    else:
        for name, error in results.items():
            click.echo(f"{name}: {error or 'sent'}")
    sys.exit(1 if any(results.values()) else 0)


@click.command(short_help="The formula and source rows of a published value.")
@home_option
@json_option
@click.argument("indicator")
@click.option("--year", type=int, required=True, help="The year of the value.")
@click.option("--area", metavar="A", help="县城 or a township; default: the county.")
@click.option("--candidate", is_flag=True, help="A value of the candidate that checks refused.")
def trace(
    home_dir: Path, as_json: bool, indicator: str, year: int, area: str | None, candidate: bool
) -> None:
    """Print how a published value was computed: formula, rows of files, receipts.

    INDICATOR is A01 to A21, B01 to B26, or a target of the plans' text that a dataset measures.
    """
    from sources.contracts import load_contracts
    from warehouse.output import trace as tracing

    home = Home.at(home_dir)
    home.require()
    contracts = load_contracts()
    try:
        found = tracing.trace(
            home, contracts, indicator.upper(), year=year, area=area, candidate=candidate
        )
    except tracing.TraceError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        print_json(found.to_dict())
    else:
        for line in tracing.lines(found, contracts):
            click.echo(line)


@click.command(short_help="Compare every file with its checksum.")
@home_option
@json_option
@click.option("--quick", is_flag=True, help="Check existence and size only, as each load does.")
def verify(home_dir: Path, as_json: bool, quick: bool) -> None:
    """Compare archive, lake, quarantine and publications with their recorded checksums.

    Exit code 1 when a file is missing or damaged; each is named with its submission.
    """
    from warehouse.care import verify as verifying

    home = Home.at(home_dir)
    with progress_bar("verifying", as_json) as progress:
        found = verifying.verify(home, full=not quick, on_progress=progress)
    if as_json:
        print_json(found.to_dict())
    else:
        for problem in found.problems:
            click.echo(str(problem), err=True)
        for path in found.unclaimed:
            click.echo(f"{path}: no submission refers to these bytes (harmless)")
        counted = f"{found.files} file(s) of {found.submissions} submission(s) and publications"
        state = f"{len(found.problems)} PROBLEM(S)" if found.problems else "all intact"
        click.echo(f"{counted}: {state}")
        if found.problems:
            click.echo(verifying.REMEDY, err=True)
    sys.exit(1 if found.problems else 0)
