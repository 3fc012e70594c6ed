"""What a night with one new file, and `eco status`, cost at many submissions and at a hundred.

    python -m tests.benchmarks.many_submissions [--sizes 100 20000] [--runs 3] [--home DIR]

Not a test. Each home has the sample submissions, and earlier ones of the same departments up to the
given number: small deliveries of which later ones corrected every row, each with its file in the
archive, its Parquet file, its manifest and two receipts. Each is loaded once. Then, one home after
the other, `eco status` is measured, and the whole `eco nightly` after a file with one row. Ratios
are to the first size: at 20,000 at most 1.5 of status and 1.2 of the night, at 100,000 1.5 of the
night. With --home the homes are made there once and used again.
"""

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path

import polars as pl

from sources.contracts import load_contracts
from tests.benchmarks.history_growth import ECO, eco, measured
from warehouse.home.layout import Home
from warehouse.lake.commit import encode_rows
from warehouse.lake.index import submissions
from warehouse.lake.submissions import (
    StoredFile,
    Submission,
    archive_path,
    manifest_path,
    read_manifest,
    receipt_base,
    submission_id,
)

MOST_ROWS = 40
ROW_COLUMNS = {"submission_id"}


def _earlier(home: Home, pattern: Submission, number: int, rows: pl.DataFrame) -> None:
    """Commit the rows of a submission as those of one that came before all others.

    Nothing is made durable: a hundred thousand files take a minute so.
    """
    content = f"{number}\n".encode()
    digest = sha256(content).hexdigest()
    identity = submission_id(pattern.department, digest, "")
    [file] = pattern.files
    target = BytesIO()
    encoded = encode_rows(
        identity,
        file_name=pattern.file_name,
        sheet="",
        contract=load_contracts()[pattern.dataset],
        accepted=rows,
        rejected=pl.DataFrame(),
        target=target,
    )
    [part] = encoded.accepted
    path = str(Path(file.path).with_name(f"{identity}.parquet"))
    submission = replace(
        pattern,
        submission_id=identity,
        sha256=digest,
        size_bytes=len(content),
        received_at=(
            pattern.received - timedelta(days=400) + timedelta(seconds=number)
        ).isoformat(),
        files=(
            StoredFile(path, part.rows, part.size_bytes, sha256(target.getvalue()).hexdigest()),
        ),
        quarantine=None,
    )
    archived = archive_path(home, digest)
    archived.parent.mkdir(exist_ok=True)
    archived.write_bytes(content)
    (home.root / path).write_bytes(target.getvalue())
    base = receipt_base(home, submission)
    for ending in (".html", ".txt"):
        base.with_name(base.name + ending).write_text("回执" * 500)
    manifest_path(home, identity).write_text(submission.to_json())


def home_of_size(root: Path, size: int) -> Home:
    """Return a home with so many submissions, loaded once."""
    home = Home.at(root)
    if not home.database.exists():
        eco("init", "--demo", "--home", root)
        eco("nightly", "--home", root)
        known = submissions(home)
        patterns = [
            (read_manifest(manifest_path(home, s.submission_id)), pl.read_parquet(home.root / path))
            for s in known
            if len(s.files) == 1 and s.rows_accepted <= MOST_ROWS and not s.sheet
            for path in [s.files[0].path]
        ]
        for number, (pattern, rows) in enumerate(islice(cycle(patterns), size - len(known))):
            _earlier(home, pattern, number, rows.drop(ROW_COLUMNS))
        eco("nightly", "--home", root)
    return home


def night(home: Home, number: int) -> tuple[float, float]:
    """Deliver a file of one row; return wall and processor seconds of the load."""
    file = home.department("forestry") / f"森林{number}.csv"
    file.write_text(
        f"年份,区域,森林覆盖率（%）\n2018,全县,{40 + number / 1000}\n", encoding="utf-8"
    )
    cost = measured([ECO, "nightly", "--home", home.root])
    if file.exists():
        raise SystemExit(f"{file} was not taken in")
    return cost


def main() -> None:
    """Print the medians of each size, and their ratios to those of the first."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--sizes", type=int, nargs="+", default=[100, 20_000])
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--home", type=Path)
    given = arguments.parse_args()
    with ExitStack() as stack:
        folder = given.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        homes = {size: home_of_size(folder / str(size), size) for size in given.sizes}
        costs: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for _ in range(given.runs):
            for size, home in homes.items():
                status = measured([ECO, "status", "--home", home.root])
                costs.setdefault(("status", size), []).append(status)
                load = night(home, len(submissions(home)))
                costs.setdefault(("nightly", size), []).append(load)
    print(f"{'command':8} {'submissions':>11} {'wall s':>8} {'ratio':>6} {'processor s':>12} ratio")
    for (command, size), pairs in sorted(costs.items()):
        wall, cpu = (statistics.median(column) for column in zip(*pairs, strict=True))
        first = costs[command, given.sizes[0]]
        floor = [statistics.median(column) for column in zip(*first, strict=True)]
        print(
            f"{command:8} {size:11,} {wall:8.2f} {wall / floor[0]:6.2f} {cpu:12.2f} "
            f"{cpu / floor[1]:5.2f}"
        )


if __name__ == "__main__":
    main()
