"""Commands about submissions: list, show, hold, release."""

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from orchestration.commands.options import home_option, json_option, print_json, report_wait
from warehouse.home.layout import Home

if TYPE_CHECKING:  # imported when the command runs
    from warehouse.lake.holds import Action, Decision
    from warehouse.lake.submissions import Submission

_ACTIONS = ("list", "show", "hold", "release")


@click.command(short_help="List, show, hold or release submissions.")
@home_option
@json_option
@click.argument("action", type=click.Choice(_ACTIONS), default="list")
@click.argument("identity", metavar="[ID]", required=False)
@click.option("--reason", help="hold, release: why, for the record and for the department.")
@click.option("--held", "only_held", is_flag=True, help="list: only those that are held.")
@click.option("--department", metavar="D", help="list: only those of this department (its folder).")
@click.option("--dataset", metavar="NAME", help="list: only those of this dataset.")
@click.option(
    "--last", type=click.IntRange(1), default=50, show_default=True, help="list: how many."
)
def submissions(
    home_dir: Path,
    as_json: bool,
    action: Literal["list", "show", "hold", "release"],
    identity: str | None,
    reason: str | None,
    only_held: bool,
    department: str | None,
    dataset: str | None,
    last: int,
) -> None:
    """List what departments delivered, show one submission, or decide whether it counts.

    A load holds submissions whose values fail a check by themselves, and publishes the rest. A
    held one does not count until it is corrected or released; where a released one still fails,
    the next load holds it again. ID is the identifier of a submission or its first characters.
    """
    from orchestration.release import holding

    home = Home.at(home_dir)
    home.require()
    if action == "list":
        if identity:
            raise click.UsageError(
                f"list takes no ID; did you mean: eco submissions show {identity}"
            )
        _list(home, as_json, only_held, department, dataset, last)
        return
    if not identity:
        raise click.UsageError(f"{action} needs the ID of a submission; `list` shows them")
    try:
        if action == "show":
            _show(home, as_json, identity)
        else:
            _decide(home, as_json, identity, action, reason)
    except holding.HoldingError as error:
        raise click.ClickException(str(error)) from error


def _list(
    home: Home,
    as_json: bool,
    only_held: bool,
    department: str | None,
    dataset: str | None,
    last: int,
) -> None:
    from warehouse.home.clock import county_time
    from warehouse.lake import holds
    from warehouse.lake.index import submissions as committed

    held = holds.held(home)
    found = [
        s
        for s in committed(home)
        if (s.submission_id in held or not only_held)
        and department in (None, s.department)
        and dataset in (None, s.dataset)
    ]
    shown = found[-last:]
    if as_json:
        print_json([_record(s, held.get(s.submission_id)) for s in shown])
        return
    for s in shown:
        state = "held" if s.submission_id in held else s.status
        sheet = f" / {s.sheet}" if s.sheet else ""
        click.echo(
            f"{s.submission_id}  {county_time(s.received)}  {state:8}  {s.dataset or '-'}  "
            f"{s.department}/{s.file_name}{sheet}"
        )
        if decision := held.get(s.submission_id):
            click.echo(f"  {decision.reason}")
    more = f", the last {len(shown)} shown" if len(shown) < len(found) else ""
    click.echo(f"{len(found)} submission(s){more}; {len(held)} held in this home")


def _record(submission: "Submission", decision: "Decision | None") -> Mapping[str, Any]:
    """Return a submission as JSON, without what only receipts need."""
    content = {k: v for k, v in submission.to_dict().items() if k != "details"}
    return content | {"held": decision.to_dict() if decision else None}


def _show(home: Home, as_json: bool, identity: str) -> None:
    from orchestration.release import holding
    from warehouse.home.clock import county_time
    from warehouse.lake import holds
    from warehouse.lake.submissions import archive_path

    s = holding.find_submission(home, identity)
    decided = [each for each in holds.decisions(home) if each.submission_id == s.submission_id]
    held = decided[-1] if decided and decided[-1].action == "hold" else None
    if as_json:
        print_json({**_record(s, held), "decisions": [each.to_dict() for each in decided]})
        return
    click.echo(f"submission {s.submission_id}: {'held' if held else s.status}")
    click.echo(f"  {s.department}/{s.file_name}{f' / {s.sheet}' if s.sheet else ''}")
    click.echo(f"  received {county_time(s.received)}, dataset {s.dataset or 'not recognised'}")
    click.echo(
        f"  {s.rows_read} row(s) read = {s.rows_accepted} accepted + {s.rows_rejected} rejected + "
        f"{s.rows_duplicate} duplicate; periods {', '.join(s.periods) or '-'}"
    )
    if s.reason_zh:
        click.echo(f"  {s.reason_zh}")
    click.echo(f"  archived: {archive_path(home, s.sha256)}")
    click.echo(f"  receipts: {home.receipts(s.department)}")
    for each in decided:
        click.echo(f"  {each.action} {county_time(each.at)} by {each.by}: {each.reason}")


def _decide(home: Home, as_json: bool, identity: str, action: "Action", reason: str | None) -> None:
    from orchestration.release import holding
    from sources.contracts import load_contracts

    if not (reason and reason.strip()):
        raise click.UsageError(f"{action} needs --reason: why; the department reads it")
    # Not during a load: it would not know whether it has seen the decision.
    with home.lock("load", on_wait=report_wait):
        submission, decision = holding.decide(
            home, load_contracts(), identity, action, reason=reason.strip(), by=getpass.getuser()
        )
    if as_json:
        print_json(decision.to_dict())
        return
    done = "held" if action == "hold" else "released"
    name = f"{submission.department}/{submission.file_name}"
    click.echo(f"{done}: {name} ({submission.submission_id})")
    click.echo("the next load follows it: eco nightly")
