"""Commands that only look: status, alerts, trace, verify."""

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
        side: Literal["left", "right"] = "right" if name == "latest_value" else "left"
        table.add_column(title, justify=side, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in _COLUMNS))
    # A pipe has no width of its own; a narrow one would fold every line.
    console = Console()
    Console(width=max(console.width, 120)).print(table)


@click.command(short_help="What was loaded, what is late or wrong; --indicators.")
@home_option
@json_option
@click.option("--indicators", is_flag=True, help="Also print where each indicator stands.")
def status(home_dir: Path, as_json: bool, indicators: bool) -> None:
    """Say how things are: last load, publication, what is late, findings, disk.

    For monitoring: exit code 0 when all is in order or something is to be looked at, 2 when
    somebody has to act (the last load failed or was refused, nothing was published for two
    days, the disk is full).
    """
    from orchestration.monitoring import status as state
    from orchestration.monitoring.health import examine
    from warehouse.home.layout import Home

    home = Home.at(home_dir)
    picture = examine(home)
    rows = state.indicators(home) if indicators and picture["publication"] else []
    if as_json:
        print_json({**picture, "indicators": rows} if indicators else picture)
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


@click.command(short_help="What is wrong and who was told; --test tries the channels.")
@home_option
@json_option
@click.option("--test", "try_out", is_flag=True, help="Send a test message to every channel.")
def alerts(home_dir: Path, as_json: bool, try_out: bool) -> None:
    """Say which alerts are on and to whom they were sent; alerts.yml says who gets them."""
    from dataclasses import asdict

    from orchestration.monitoring.alerts import dispatch, settings, state
    from warehouse.home.clock import county_time
    from warehouse.home.layout import Home

    home = Home.at(home_dir)
    home.require()
    try:
        if try_out:
            results = dispatch.try_out(home)
            if as_json:
                print_json(results)
            else:
                for name, error in results.items():
                    click.echo(f"{name}: {error or 'sent'}")
            sys.exit(1 if any(results.values()) else 0)
        settings.load_settings(home)
    except settings.AlertSettingsError as error:
        raise click.ClickException(str(error)) from error
    remembered = state.read(home)
    if as_json:
        print_json(asdict(remembered))
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


@click.command(short_help="What a published value was made from.")
@home_option
@json_option
@click.argument("indicator")
@click.option("--year", type=int, required=True, help="The year of the value.")
@click.option("--area", metavar="A", help="县城 or a township; the county without it.")
def trace(home_dir: Path, as_json: bool, indicator: str, year: int, area: str | None) -> None:
    """Print what a published value was made from: formula, rows of files, receipts.

    INDICATOR is A01 to A21, B01 to B26, or a target of the plans' text that a dataset measures.
    """
    from sources.contracts import load_contracts
    from warehouse.home.layout import Home
    from warehouse.output import trace as tracing

    home = Home.at(home_dir)
    home.require()
    contracts = load_contracts()
    try:
        found = tracing.trace(home, contracts, indicator.upper(), year=year, area=area)
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
@click.option("--quick", is_flag=True, help="Only what each load checks: existence and size.")
def verify(home_dir: Path, as_json: bool, quick: bool) -> None:
    """Compare archive, lake, quarantine and publications with their recorded checksums.

    Exit code 1 when a file is missing or damaged; each is named with its submission.
    """
    from warehouse.care import verify as verifying
    from warehouse.home.layout import Home

    home = Home.at(home_dir)
    with progress_bar("verifying", as_json) as progress:
        found = verifying.verify(home, full=not quick, on_progress=progress)
    if as_json:
        print_json(found.to_dict())
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
