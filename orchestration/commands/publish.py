"""Commands that publish: publish, report."""

import sys
from datetime import datetime
from pathlib import Path

import click

from orchestration.commands.options import (
    REFUSED,
    home_option,
    json_option,
    print_json,
    report_wait,
)
from warehouse.home.layout import Home


@click.command(short_help="Publish a pending candidate; --list, --rollback.")
@home_option
@json_option
@click.option("--list", "list_them", is_flag=True, help="List the publications that are kept.")
@click.option("--rollback", metavar="STAMP", help="Publish that earlier publication again.")
@click.option("--reason", help="With --rollback: why, for the record and for `eco status`.")
def publish(
    home_dir: Path, as_json: bool, list_them: bool, rollback: str | None, reason: str | None
) -> None:
    """Publish what the last load left unpublished, or an earlier publication again."""
    from warehouse.publication.current import PublishError

    home = Home.at(home_dir)
    home.require()
    if list_them:
        _list_publications(home, as_json)
        return
    try:
        if rollback is not None:
            _roll_back(home, rollback, _given_reason(reason), as_json)
        else:
            _publish_pending(home, as_json)
    except PublishError as error:
        raise click.ClickException(str(error)) from error


def _given_reason(reason: str | None) -> str:
    """Return the reason of a rollback; at a terminal it is asked for."""
    if reason is None and sys.stdin.isatty():
        reason = click.prompt("Why is it rolled back", err=True)
    if not (reason and reason.strip()):
        raise click.UsageError("--rollback needs --reason: why, for those who see it later")
    return reason.strip()


def _list_publications(home: Home, as_json: bool) -> None:
    from warehouse.publication.current import snapshots

    kept = snapshots(home)
    if as_json:
        print_json([{k: v for k, v in each.to_dict().items() if k != "checks"} for each in kept])
        return
    for snapshot in kept:
        manifest, build = snapshot.manifest, snapshot.manifest.build
        notes = [f"{len(manifest.changes.tables_changed)} mart(s) changed"]
        notes += [f"as of {build.as_of}"] if build.as_of else []
        notes += [] if snapshot.whole else ["its database is missing"]
        sign = "*" if snapshot.current else " "
        version = build.software_version or ""
        click.echo(f"{sign} {manifest.stamp}  {version}  {', '.join(notes)}")
    click.echo(f"{len(kept)} publication(s) kept; * is the current one")


def _roll_back(home: Home, stamp: str, reason: str, as_json: bool) -> None:
    from orchestration.release import service as release

    record = release.roll_back(home, stamp, reason, report_wait)
    if as_json:
        print_json(record.to_dict())
    else:
        click.echo(f"published again: {record.stamp} instead of {record.replaced}")
        click.echo("it stays in force until new data arrives; eco nightly --rebuild ends it")


def _publish_pending(home: Home, as_json: bool) -> None:
    from orchestration.monitoring.status import what_stands
    from orchestration.release import service as release

    result, manifest = release.publish_pending(home, report_wait)
    if as_json:
        print_json({"result": result, "manifest": manifest.to_dict() if manifest else None})
    elif result == "refused":
        pages = max(home.candidates.glob("*/report/data_docs/index.html"), default=None)
        click.echo(f"refused by checks; {what_stands(home)}. See {pages}", err=True)
    elif manifest is None:
        click.echo("nothing is published and no candidate is pending; run: eco nightly")
    else:
        pending = "no candidate is pending; " if result == "nothing" else ""
        click.echo(f"{pending}published is {manifest.stamp}: {home.database}")
    sys.exit(REFUSED if result == "refused" else 0)


@click.command(short_help="Write the report again; --issue an edition.")
@home_option
@click.option("--open", "show", is_flag=True, help="Also open it in the browser.")
@click.option(
    "--issue",
    metavar="KIND",
    help="Issue an edition instead: daily, weekly or monthly. It is never changed again.",
)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="With --issue: the last period that ended before this day; default: today.",
)
def report(home_dir: Path, show: bool, issue: str | None, day: datetime | None) -> None:
    """Write the pages of the report again from the published file, or issue an edition."""
    from orchestration.release.service import issue_edition, renew_report
    from warehouse.home.clock import COUNTY_ZONE
    from warehouse.output import bulletins
    from warehouse.publication.current import PublishError

    if day and not issue:
        raise click.UsageError("--day requires --issue")
    if issue and issue not in bulletins.KINDS:
        raise click.UsageError(f"--issue takes {', '.join(bulletins.KINDS)}, not {issue}")
    home = Home.at(home_dir)
    try:
        if issue:
            home.require()
            moment = day.replace(tzinfo=COUNTY_ZONE) if day else datetime.now(COUNTY_ZONE)
            page = issue_edition(home, issue, moment)
        else:
            page = renew_report(home, report_wait)
    except PublishError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{bulletins.TITLES[issue] if issue else 'report'}: {page}")
    if show:
        click.launch(str(page))


@click.command("superset-bundle", short_help="Write the dashboards for Apache Superset.")
@home_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; default: eco_superset.zip in the current folder.",
)
@click.option(
    "--uri",
    help="The database as SQLAlchemy names it, postgresql+psycopg2://user@host/database for "
    "the serving copy; default: the published file of the data home.",
)
def superset_bundle(home_dir: Path, out: Path | None, uri: str | None) -> None:
    """Write datasets, charts and dashboards over the marts as a bundle that Superset imports."""
    from orchestration.release.service import declared_marts
    from warehouse.output import superset

    home = Home.at(home_dir)
    home.require()
    target = out or Path(superset.BUNDLE)
    superset.write_bundle(target, uri or superset.duckdb_uri(home.database), declared_marts())
    click.echo(f"written: {target}")
    click.echo(f"import it: superset import-dashboards -p {target} -u <administrator>")
