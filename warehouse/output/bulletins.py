"""Editions of 日警示, 周分析 and 月通报: a page for one period with the data known at its issue.

The pages of the report change with every publication; an edition is kept unchanged in
`published/bulletins/<kind>/<period>.html`, whatever is corrected afterwards (plan A 6.9.2, plan B
八(四)). Each issue is a line in `published/bulletins/log.jsonl` that names its publication.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from warehouse import report
from warehouse.home.clock import county_day
from warehouse.home.files import sha256_of, write_text
from warehouse.home.layout import Home
from warehouse.home.records import JsonRecord
from warehouse.publication.current import PublishError, current_manifest
from warehouse.publication.marts import Mart

TITLES = {"daily": "日警示", "weekly": "周分析", "monthly": "月通报"}
KINDS = tuple(TITLES)


@dataclass(frozen=True)
class Issue(JsonRecord):
    """A line of the log of issues.

    `file` is the path below `published/bulletins`, `issued_at` a moment (ISO 8601, UTC),
    `publication` the stamp of the publication from which the edition is made.
    """

    kind: str
    period: str
    file: str
    sha256: str
    issued_at: str
    publication: str


def period_before(kind: str, day: date) -> tuple[str, date, date]:
    """Return label, first and last day of the last day, week or month that ended before `day`.

    Weeks begin on Monday and are labelled as in ISO 8601. Raises ValueError for another kind.
    """
    if kind == "daily":
        first = last = day - timedelta(days=1)
        return first.isoformat(), first, last
    if kind == "weekly":
        last = day - timedelta(days=day.isoweekday())
        year, week, _ = last.isocalendar()
        return f"{year}-W{week:02}", last - timedelta(days=6), last
    if kind == "monthly":
        last = day.replace(day=1) - timedelta(days=1)
        return f"{last:%Y-%m}", last.replace(day=1), last
    raise ValueError(f"no bulletin {kind!r}; there are {', '.join(KINDS)}")


def issues(home: Home) -> list[Issue]:
    """Return the log of issues, oldest first."""
    log = home.bulletins / "log.jsonl"
    if not log.exists():
        return []
    return [Issue.from_json(line) for line in log.read_text(encoding="utf-8").splitlines()]


def issued_editions(home: Home) -> list[report.IssuedEdition]:
    """Return the editions that were issued as the report lists them, oldest first."""
    folder = f"../{home.bulletins.name}/"
    return [
        report.IssuedEdition(
            kind_zh=TITLES[issue.kind],
            period=issue.period,
            issued_at=issue.issued_at,
            publication=issue.publication,
            file=folder + issue.file,
        )
        for issue in issues(home)
    ]


def write_edition(home: Home, kind: str, moment: datetime, marts: Mapping[str, Mart]) -> Path:
    """Issue the edition of the last complete day, week or month before `moment` (aware).

    It is made from the published file, of what `marts` declare as public; an edition that was
    issued already is not changed. Returns its path. Raises PublishError when nothing is published,
    or the publication ends before the period does.
    """
    label, first, last = period_before(kind, county_day(moment))
    target = home.bulletins / kind / f"{label}.html"
    recorded = {issue.file for issue in issues(home)}
    name = target.relative_to(home.bulletins).as_posix()
    if target.exists() and name in recorded:
        return target
    manifest = current_manifest(home)
    while True:
        if manifest is None:
            raise PublishError("nothing is published yet; run: eco nightly")
        known = county_day(manifest.data_until)
        if known <= last:
            raise PublishError(
                f"{TITLES[kind]} {label} ends on {last}, the published data on {known}; "
                "run: eco nightly"
            )
        report.write_edition(
            home.database, target, manifest, marts, page=kind, label=label, first=first, last=last
        )
        # Another publication may have replaced the one whose manifest was read.
        made_from, manifest = manifest, current_manifest(home)
        if manifest == made_from:
            break
    issue = Issue(
        kind=kind,
        period=label,
        file=name,
        sha256=sha256_of(target),
        issued_at=datetime.now(UTC).isoformat(timespec="seconds"),
        publication=made_from.stamp,
    )
    lines = [json.dumps(each.to_dict(), ensure_ascii=False) for each in [*issues(home), issue]]
    write_text(home.bulletins / "log.jsonl", "\n".join(lines) + "\n")
    return target
