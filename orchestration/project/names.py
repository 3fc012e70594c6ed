"""The names that people, dashboards and scripts rely on: docs/names.md, written by `make generate`.

They come from contracts, dbt, the suites and the definitions; a test holds that the page is true,
so that no name changes without being seen.
"""

from collections import defaultdict
from collections.abc import Iterator

import dagster as dg

from warehouse.home.software import PROJECT

PAGE = PROJECT / "docs" / "names.md"
_HEAD = """\
# Names

Made by `make generate` from contracts, dbt, the suites and Dagster's definitions. Dashboards,
scripts and alarms may rely on these names: a change of one is a change of the product, told in
CHANGELOG.md.
"""


def _list(title: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield f"\n## {title}"
    yield from (f"- {line}" for line in lines)


def _deadline(policy: dg.FreshnessPolicy | None) -> str:
    deadline = getattr(policy, "deadline_cron", None)
    if deadline:
        return f", fresh by `{deadline}`"
    window = getattr(policy, "fail_window", None)
    return f", fresh for {window.to_timedelta().total_seconds() / 3600:.0f} hours" if window else ""


def page(defs: dg.Definitions) -> str:
    """The text of docs/names.md."""
    repository = defs.get_repository_def()
    jobs = [
        f"`{job.name}`: {job.description}"
        for job in sorted(repository.get_all_jobs(), key=lambda job: job.name)
        if not job.name.startswith("__")
    ]
    schedules = [
        f"`{s.name}`: `{s.cron_schedule}` {s.execution_timezone}, job `{s.job_name}`"
        for s in sorted(repository.schedule_defs, key=lambda s: s.name)
    ]
    sensors = [
        f"`{s.name}`: {s.description}" for s in sorted(repository.sensor_defs, key=lambda s: s.name)
    ]
    lines = [_HEAD.rstrip("\n")]
    lines += _list("Jobs", jobs)
    lines += _list("Schedules", schedules)
    lines += _list("Sensors", sensors)
    groups: dict[str, list[str]] = defaultdict(list)
    for spec in sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key):
        groups[spec.group_name or "default"].append(
            f"`{spec.key.to_user_string()}`{_deadline(spec.freshness_policy)}"
        )
    lines += ["\n## Assets, by group"]
    for group, names in sorted(groups.items()):
        lines += [f"\n### {group}", *(f"- {name}" for name in names)]
    lines += ["\n## Checks, by asset"]
    checks: dict[str, list[str]] = defaultdict(list)
    for check in repository.asset_graph.asset_check_keys:
        checks[check.asset_key.to_user_string()].append(check.name)
    for asset, names in sorted(checks.items()):
        lines += [f"\n### {asset}", *(f"- `{name}`" for name in sorted(names))]
    return "\n".join(lines) + "\n"
