"""The feed of releases (Atom, RFC 4287): what was published when, and what it changed.

It lies at `published/feed.xml`, beside the log of releases from which it is made, so that a
rollback is an entry, too. What an entry says of changes is kept when its snapshot is pruned.
"""

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from warehouse.home.clock import county_time
from warehouse.publication.manifest import Release

NAME = "feed.xml"
ENTRIES = 30
_ATOM = "http://www.w3.org/2005/Atom"
_CHANGES_LISTED = 50
_OF_ROWS = ("value_changed", "row_added", "row_withdrawn")


def identity(release: Release) -> str:
    """Return the identifier of a release's entry, which never changes."""
    name = f"{release.stamp}/{release.rolled_back_at or ''}"
    return f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"


def _tag(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _child(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, _tag(name), attributes)
    element.text = text
    return element


def _sentences(release: Release, changes: Mapping[str, Any] | None) -> list[str]:
    """Return what a release is and changed, one sentence each."""
    if release.rolled_back_at:
        return [f"恢复较早的发布 {release.stamp}，原因：{release.reason or '未说明'}。"]
    rows = sum(release.tables.values())
    said = [f"{len(release.tables)} 张表，共 {rows} 行；表结构 {release.schema_version}。"]
    if release.as_of:
        said.append(f"数据截至 {county_time(release.as_of)}（回溯）。")
    if changes is None:
        return said
    details = [row for row in changes.get("rows", ()) if row.get("detail_zh")]
    of_tables = [row["detail_zh"] for row in details if row["change"] not in _OF_ROWS]
    of_values = [row["detail_zh"] for row in details if row["change"] in _OF_ROWS]
    listed = of_values[:_CHANGES_LISTED]
    if len(of_values) > len(listed):
        listed.append(f"另有 {len(of_values) - len(listed)} 处改变，见 changes.json。")
    return [*said, *of_tables, *listed] if details else [*said, "与上次发布相比没有改变。"]


def _entry(release: Release, changes: Mapping[str, Any] | None) -> ET.Element:
    entry = ET.Element(_tag("entry"))
    kind = "恢复发布" if release.rolled_back_at else "数据发布"
    _child(entry, "id", identity(release))
    _child(entry, "title", f"{kind} {county_time(release.released_at)}")
    _child(entry, "updated", release.released_at)
    _child(entry, "link", rel="alternate", href="report/index.html")
    content = ET.Element("ul")
    for sentence in _sentences(release, changes):
        ET.SubElement(content, "li").text = sentence
    _child(entry, "content", ET.tostring(content, encoding="unicode"), type="html")
    return entry


def _kept(path: Path) -> dict[str, ET.Element]:
    """Return the entries of a feed by their identifiers; none where it cannot be read."""
    try:
        feed = ET.parse(path).getroot()
    except (OSError, ET.ParseError):
        return {}
    return {entry.findtext(_tag("id"), ""): entry for entry in feed.findall(_tag("entry"))}


def _changes(path: Path) -> Mapping[str, Any] | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def text(
    releases: Sequence[Release], feed: Path, changes: Mapping[str, Path], *, publisher: str
) -> str:
    """Return the feed of the newest releases, given oldest first; `feed` is where the last one is.

    `changes` are the files of changes by stamp, as far as they are kept.
    """
    kept = _kept(feed)
    newest = list(reversed(releases))[:ENTRIES]
    ET.register_namespace("", _ATOM)
    root = ET.Element(_tag("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN"})
    _child(root, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, publisher + '/releases')}")
    _child(root, "title", f"{publisher} 生态文明指标数据发布")
    _child(root, "updated", newest[0].released_at)
    _child(root, "link", rel="self", href=NAME, type="application/atom+xml")
    _child(_child(root, "author"), "name", publisher)
    for release in newest:
        entry = kept.get(identity(release))
        if entry is None:
            path = changes.get(release.stamp)
            entry = _entry(release, _changes(path) if path else None)
        root.append(entry)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True).decode("utf-8") + "\n"
