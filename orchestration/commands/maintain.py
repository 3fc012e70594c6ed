"""Commands that maintain a home: backup, restore, templates."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from orchestration.commands.options import (
    home_option,
    json_option,
    print_json,
    progress_bar,
    size_text,
)


@click.command(short_help="Back the data home up.")
@home_option
@json_option
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
    from warehouse.care import backup as backups
    from warehouse.care.store import BackupError, Store
    from warehouse.home.layout import Home
    from warehouse.home.software import software_version

    store = Store(folder)
    try:
        if list_them:
            records = store.records()
            if as_json:
                print_json(
                    [{**vars(r), "files": len(r.files), "size_bytes": r.size} for r in records]
                )
                return
            for r in records:
                only = "" if r.publications else ", without publications"
                click.echo(
                    f"{r.stamp}  {r.software_version}  {r.submissions} submission(s), "
                    f"{len(r.files)} file(s), {size_text(r.size)}{only}  {r.home}"
                )
            click.echo(f"{len(records)} backup(s) in {store.root}")
            return
        if check_them:
            with progress_bar("checking", as_json) as progress:
                problems = backups.check(store, on_progress=progress)
            if as_json:
                print_json({"problems": problems})
            else:
                for problem in problems:
                    click.echo(problem, err=True)
                click.echo(f"{len(problems)} PROBLEM(S)" if problems else "all backups are whole")
            sys.exit(1 if problems else 0)
        with progress_bar("backing up", as_json) as progress:
            taken = backups.take(
                Home.at(home_dir),
                store,
                software_version=software_version(),
                publications=not truth_only,
                keep=keep,
                on_progress=progress,
            )
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    record = taken.record
    if as_json:
        print_json(
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
        f"{size_text(record.size)}; copied {taken.copied_files} file(s), "
        f"{size_text(taken.copied_bytes)}"
    )
    if taken.pruned:
        click.echo(f"{taken.pruned} older backup(s) removed")


@click.command(short_help="Restore a backup, or mend single files.")
@home_option
@json_option
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
    from warehouse.care import restore as restoring
    from warehouse.care.store import BackupError, Store
    from warehouse.home.layout import Home

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
    store = Store(folder)
    try:
        with progress_bar("restoring", as_json) as progress:
            if repair:
                mended, left = restoring.repair(home, store, on_progress=progress)
            else:
                record, aside = restoring.restore(
                    home,
                    store,
                    departments=load_contracts().departments,
                    stamp=stamp,
                    overwrite=overwrite,
                    on_progress=progress,
                )
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    if repair:
        if as_json:
            print_json({"put_back": mended, "left": [problem.to_dict() for problem in left]})
        else:
            for path in mended:
                click.echo(f"put back: {path}")
            for problem in left:
                click.echo(f"left: {problem}", err=True)
            click.echo(f"{len(mended)} file(s) put back, {len(left)} left")
        sys.exit(1 if left else 0)
    if as_json:
        print_json(
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
    from orchestration.intake.reread import Reread, Rereading
    from sources.contracts import load_contracts
    from warehouse.home.software import software_version

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
        print_json([reread.to_dict() for reread in done])
    else:
        counts = Counter(reread.outcome for reread in done)
        said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "no damage"
        click.echo(f"{len(done)} submission(s) read again: {said}")
    sys.exit(1 if left else 0)


@click.command(short_help="The spreadsheets that departments fill in.")
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
    from sources.receipts.templates import templates as made

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
