"""The feed of releases: valid Atom, an entry per release, kept when snapshots are pruned."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

from warehouse.publication import feed
from warehouse.publication.manifest import Release

ATOM = "{http://www.w3.org/2005/Atom}"
FIRST = Release(
    stamp="20261127T010000000000Z",
    rolled_back_at=None,
    released_at="2026-11-27T01:00:05+00:00",
    reason=None,
    built_at="2026-11-27T01:00:00+00:00",
    software_version="0.1.0",
    schema_version="2.0.0",
    as_of=None,
    year=None,
    sha256="0",
    tables={"indicator_values": 3, "findings": 2},
    checks_passed=True,
)
SECOND = replace(FIRST, stamp="20261128T010000000000Z", released_at="2026-11-28T01:00:05+00:00")
BACK = replace(
    FIRST,
    rolled_back_at="2026-11-28T02:00:00+00:00",
    released_at="2026-11-28T02:00:01+00:00",
    reason="数据有误 <b>&",
)


def entries(text: str) -> list[dict[str, str]]:
    root = ET.fromstring(text.encode("utf-8"))
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "阳城县人民政府"
    for name in ("id", "title", "updated"):
        assert root.findtext(ATOM + name)
    found = [{child.tag: child.text or "" for child in e} for e in root.findall(f"{ATOM}entry")]
    assert all(e[f"{ATOM}id"] and e[f"{ATOM}title"] and e[f"{ATOM}updated"] for e in found)
    assert len({e[f"{ATOM}id"] for e in found}) == len(found)
    return [{k.removeprefix(ATOM): v for k, v in e.items()} for e in found]


def test_each_release_is_an_entry_that_stays(tmp_path: Path) -> None:
    changed = tmp_path / "changes.json"
    rows = [{"change": "value_changed", "detail_zh": "“状态”由 滞后 变为 已达标。"}]
    changed.write_text(json.dumps({"rows": rows}), encoding="utf-8")
    target = tmp_path / feed.NAME

    def write(releases: list[Release], changes: dict[str, Path]) -> list[dict[str, str]]:
        text = feed.text(releases, target, changes, publisher="阳城县人民政府")
        target.write_text(text, encoding="utf-8")
        return entries(text)

    [first] = write([FIRST], {})
    assert first["title"] == "数据发布 2026-11-27 09:00"
    second, again = write([FIRST, SECOND], {SECOND.stamp: changed})
    assert again == first
    assert "已达标" in second["content"]
    # The snapshot of the second is pruned; a rollback follows.
    back, kept, _ = write([FIRST, SECOND, BACK], {})
    assert kept == second
    assert back["title"].startswith("恢复发布") and "&lt;b&gt;&amp;" in back["content"]
    target.write_text("<damaged", encoding="utf-8")
    assert len(write([FIRST, SECOND, BACK], {})) == 3


def test_the_newest_releases_are_listed(tmp_path: Path) -> None:
    many = [replace(FIRST, stamp=f"stamp{n}") for n in range(feed.ENTRIES + 5)]
    text = feed.text(many, tmp_path / feed.NAME, {}, publisher="阳城县人民政府")
    assert len(entries(text)) == feed.ENTRIES
