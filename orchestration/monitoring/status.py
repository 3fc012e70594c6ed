"""What `eco status` prints of the health report, and the plans' indicators beside it."""

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from warehouse.home.clock import county_time
from warehouse.home.layout import Home

_RESULTS = {
    "published": "published",
    "unchanged": "nothing new, the last publication stands",
    "refused": "refused by checks; the last publication stays",
    "failed": "failed; the last publication stays",
}
_GIB = 1 << 30


def lines(picture: Mapping[str, Any]) -> Iterator[str]:
    """The health report for a person, without the departments' deliveries."""
    load, publication = picture["last_load"], picture["publication"]
    if load:
        yield (
            f"last load: {county_time(load['ended_at'])}, {load['seconds']:.0f} s, "
            f"by {load['started_by']}: {_RESULTS[load['result']]}"
        )
        yield from (f"  {' '.join(problem.split())[:200]}" for problem in load["problems"][:10])
    else:
        yield "last load: none yet; run: eco nightly"
    if publication:
        notes = [county_time(publication["built_at"]), f"{publication['age_hours']:g} h ago"]
        notes += [f"by {publication['software_version']}"]
        notes += [f"as of {publication['as_of']}"] if publication["as_of"] else []
        notes += ["put back by eco publish --rollback"] if publication["rolled_back"] else []
        yield f"published {publication['stamp']}, {', '.join(notes)}"
    else:
        yield "nothing is published yet; run: eco nightly"
    late = [department for department in picture["late"] if department["overdue"]]
    yield f"late: {sum(department['overdue'] for department in late)} submission(s)"
    for department in late:
        yield (
            f"  {department['name_zh']} ({department['department']}): {department['overdue']}, "
            f"for up to {department['longest_days']} days"
        )
    findings = ", ".join(f"{number} {name}" for name, number in picture["findings"].items())
    yield f"open findings: {findings}"
    since = (
        f", for up to {picture['longest_waiting_hours']:g} h" if picture["waiting_files"] else ""
    )
    yield f"files waiting in landing: {picture['waiting_files']}{since}"
    disk = picture["disk"]
    used = ", ".join(f"{name} {size / _GIB:.2f}" for name, size in disk["used_bytes"].items())
    yield (
        f"disk: {disk['home_bytes'] / _GIB:.2f} GiB used ({used}), "
        f"{disk['free_bytes'] / _GIB:.1f} GiB free"
    )
    yield f"state: {picture['state']} ({picture['state_zh']})"
    yield from (f"  {reason['level']}: {reason['detail_zh']}" for reason in picture["reasons"])


def indicators(home: Home) -> list[dict[str, Any]]:
    """The plans' indicators as they are published; targets of their running text have no nature."""
    with duckdb.connect(str(home.database), read_only=True) as connection:
        relation = connection.sql(
            "select * from marts.indicator_progress where nature is not null order by indicator_id"
        )
        columns = relation.columns
        return [dict(zip(columns, row, strict=True)) for row in relation.fetchall()]
