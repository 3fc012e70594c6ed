"""Commands that maintain a home: backup, restore, templates."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.commands.options import (
    home_option,
    json_option,
    print_json,
    progress_bar,
    size_text,
)
from warehouse.home.layout import Home

if TYPE_CHECKING:  # imported when the command runs
    from orchestration.intake.reread import Reread
    from warehouse.care.store import Store


@contextmanager
def _backup_errors() -> Iterator[None]:
    """Turn a BackupError into an error of the command line."""
    from warehouse.care.store import BackupError

    try:
        yield
    except BackupError as error:
        raise click.ClickException(str(error)) from error


@click.command(short_help="Back up the data home.")
@home_option
@json_option
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(1), help="Remove all but this number of backups.")
@click.option("--truth-only", is_flag=True, help="Leave the publications out.")
@click.option("--list", "list_them", is_flag=True, help="List the backups in FOLDER.")
@click.option("--check", "check_them", is_flag=True, help="Compare all files in FOLDER.")
def backup(
    home_dir: Path,
    as_json: bool,
    folder: Path,
    keep: int | None,
    truth_only: bool,
    list_them: bool,
    check_them: bool,
) -> None:
    """Back up the data home into FOLDER; files of earlier backups are not copied again.

    It may run at any time, also during a load. FOLDER should be on another disk.
    """
    from warehouse.care.store import Store

    store = Store(folder)
    with _backup_errors():
        if list_them:
            _list_backups(store, as_json)
        elif check_them:
            _check_backups(store, as_json)
        else:
            _take_backup(Home.at(home_dir), store, keep, not truth_only, as_json)


def _list_backups(store: "Store", as_json: bool) -> None:
    records = store.records()
    if as_json:
        print_json([{**vars(r), "files": len(r.files), "size_bytes": r.size} for r in records])
        return
    for r in records:
        only = "" if r.publications else ", without publications"
        click.echo(
            f"{r.stamp}  {r.software_version}  {r.submissions} submission(s), "
            f"{len(r.files)} file(s), {size_text(r.size)}{only}  {r.home}"
        )
    click.echo(f"{len(records)} backup(s) in {store.root}")


def _check_backups(store: "Store", as_json: bool) -> None:
    from warehouse.care import backup as backups

    with progress_bar("checking", as_json) as progress:
        problems = backups.check(store, on_progress=progress)
    if as_json:
        print_json({"problems": problems})
    else:
        for problem in problems:
            click.echo(problem, err=True)
        click.echo(f"{len(problems)} PROBLEM(S)" if problems else "all backups are intact")
    sys.exit(1 if problems else 0)


def _take_backup(
    home: Home, store: "Store", keep: int | None, publications: bool, as_json: bool
) -> None:
    from warehouse.care import backup as backups
    from warehouse.home.software import software_version

    with progress_bar("backing up", as_json) as progress:
        taken = backups.take(
            home,
            store,
            software_version=software_version(),
            publications=publications,
            keep=keep,
            on_progress=progress,
        )
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


@click.command(short_help="Restore a backup, or repair single files.")
@home_option
@json_option
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--stamp", help="The backup to restore; default: the newest.")
@click.option("--overwrite", is_flag=True, help="Move the home's files aside, then restore.")
@click.option("--repair", is_flag=True, help="Only restore files that are missing or damaged.")
@click.option(
    "--lake-from-archive", is_flag=True, help="Rebuild missing and damaged rows; without FOLDER."
)
@click.option("--all", "everything", is_flag=True, help="With it: also compare intact files.")
@click.option(
    "--accept-differences",
    is_flag=True,
    help="With it: also accept rows that today's software reads differently.",
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

    A home that is not empty is refused without --overwrite. Exit code 1 when something could not
    be restored.
    """
    home = Home.at(home_dir)
    if lake_from_archive:
        if folder is not None or stamp or overwrite or repair:
            raise click.UsageError("--lake-from-archive takes no FOLDER, --stamp, --overwrite ...")
        _restore_from_archive(home, as_json, everything, accept_differences)
        return
    if folder is None:
        raise click.UsageError("give the FOLDER of the backups, or --lake-from-archive")
    if everything or accept_differences:
        raise click.UsageError("--all and --accept-differences require --lake-from-archive")
    if repair:
        _repair(home, folder, as_json)
    else:
        _restore_backup(home, folder, stamp, overwrite, as_json)


def _repair(home: Home, folder: Path, as_json: bool) -> None:
    from warehouse.care import restore as restoring
    from warehouse.care.store import Store

    with _backup_errors(), progress_bar("restoring", as_json) as progress:
        restored, left = restoring.repair(home, Store(folder), on_progress=progress)
    if as_json:
        print_json({"put_back": restored, "left": [problem.to_dict() for problem in left]})
    else:
        for path in restored:
            click.echo(f"put back: {path}")
        for problem in left:
            click.echo(f"left: {problem}", err=True)
        click.echo(f"{len(restored)} file(s) put back, {len(left)} left")
    sys.exit(1 if left else 0)


def _restore_backup(
    home: Home, folder: Path, stamp: str | None, overwrite: bool, as_json: bool
) -> None:
    from sources.contracts import load_contracts
    from warehouse.care import restore as restoring
    from warehouse.care.store import Store

    with _backup_errors(), progress_bar("restoring", as_json) as progress:
        record, aside = restoring.restore(
            home,
            Store(folder),
            departments=load_contracts().departments,
            stamp=stamp,
            overwrite=overwrite,
            on_progress=progress,
        )
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
        click.echo(f"the previous files are in {aside}; remove it when it is no longer needed")
    click.echo("run eco nightly to build and publish from it")


def _restore_from_archive(
    home: Home, as_json: bool, everything: bool, accept_differences: bool
) -> None:
    from orchestration.intake.reread import Rereading
    from sources.contracts import load_contracts
    from warehouse.home.software import software_version

    rereading = Rereading(home, load_contracts(), software_version())
    done = rereading.run(
        everything=everything,
        accept_differences=accept_differences,
        on_submission=(lambda reread: None) if as_json else _print_reread,
    )
    left = [r for r in done if r.outcome in ("differs", "lost")]
    if as_json:
        print_json([reread.to_dict() for reread in done])
    else:
        counts = Counter(reread.outcome for reread in done)
        summary = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        click.echo(f"{len(done)} submission(s) read again: {summary or 'no damage'}")
    sys.exit(1 if left else 0)


def _print_reread(reread: "Reread") -> None:
    if reread.outcome == "sound":
        return
    s = reread.submission
    sheet = f" / {s.sheet}" if s.sheet else ""
    click.echo(
        f"{reread.outcome}: {s.department}/{s.file_name}{sheet} "
        f"(submission {s.submission_id}, taken in by {s.software_version})"
    )
    for line in (*reread.differences, *(f"restored: {path}" for path in reread.paths)):
        click.echo(f"  {line}")


@click.command(short_help="Write the spreadsheets that departments fill in.")
@home_option
@click.option("--department", metavar="D", help="Only those of this department (its folder).")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to; one folder per department.",
)
def templates(home_dir: Path, department: str | None, out: Path) -> None:
    """Write the spreadsheets that departments fill in: one per dataset that each may deliver.

    Areas are those of the plan of the home, if it has one of its own.
    """
    from sources.contracts import load_contracts
    from sources.receipts.templates import templates as department_templates

    contracts = load_contracts()
    if department is not None and department not in contracts.departments:
        known = ", ".join(contracts.departments)
        raise click.UsageError(f"--department: '{department}' is none of {known}")
    count = 0
    for code in [department] if department else contracts.departments:
        folder = out / code
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in department_templates(code, contracts):
            (folder / name).write_bytes(content)
            count += 1
    click.echo(f"{count} template(s) written to {out}")
