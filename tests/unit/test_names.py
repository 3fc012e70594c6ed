"""The names that people, dashboards and scripts rely on are written down, and none moves unseen."""

import re

from orchestration.definitions import defs
from orchestration.project.names import PAGE, page

# What README.md, docs/operations.md and people's habits name; the whole list is docs/names.md.
STABLE = {
    "Jobs": {"nightly", "ingest", "weekly_analysis", "monthly_bulletin"},
    "Schedules": {"nightly_at_0200", "weekly_analysis_on_monday", "monthly_bulletin_on_the_2nd"},
    "Sensors": {"landing_files", "load_succeeded", "load_failed", "watch"},
}


def test_the_list_of_names_is_true() -> None:
    assert page(defs) == PAGE.read_text("utf-8"), (
        "names changed: run make generate, and note it in CHANGELOG.md where readers rely on them"
    )


def test_what_runs_by_itself_keeps_its_names() -> None:
    text = PAGE.read_text("utf-8")
    for title, names in STABLE.items():
        section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
        assert set(re.findall(r"^- `(\w+)`", section, re.MULTILINE)) == names


def test_every_asset_says_what_it_is_and_whose() -> None:
    for spec in defs.resolve_all_asset_specs():
        assert spec.description, f"{spec.key}: no description"
        assert spec.owners, f"{spec.key}: no owner"
        assert spec.group_name not in (None, "default"), f"{spec.key}: no group"
