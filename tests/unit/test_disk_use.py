"""How much disk a home uses, with and without earlier sums."""

import os
from pathlib import Path

import pytest

from warehouse.home import disk_use
from warehouse.home.layout import Home


def blocks(root: Path) -> int:
    """Return what `du` counts below a folder, without the folders themselves."""
    files = {p.stat().st_ino: p.stat().st_blocks * 512 for p in root.rglob("*") if p.is_file()}
    return sum(files.values())


def test_sums_are_kept_for_folders_that_did_not_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_use, "_SETTLED_NS", -(10**12))
    home = Home.at(tmp_path)
    home.create(["water"])
    for name in ("archive/ab/1", "archive/cd/2", "lake/x/y=1/3", "landing/water/4", "state/5"):
        (home.root / name).parent.mkdir(parents=True, exist_ok=True)
        (home.root / name).write_bytes(os.urandom(10_000))
    os.link(home.root / "state/5", home.root / "state/6")

    def counted() -> list[str]:
        folders: list[str] = []
        count = disk_use._count
        with monkeypatch.context() as patch:
            patch.setattr(disk_use, "_count", lambda path: [folders.append(path), count(path)][1])
            found = disk_use.used_bytes(home)
        expected = {name: blocks(home.root / name) for name in disk_use.FOLDERS}
        assert {**found, "state": 0} == {**expected, "state": 0}
        return [str(Path(path).relative_to(home.root)) for path in folders]

    assert len(counted()) >= 7
    assert counted() == []
    (home.root / "archive/ab/9").write_bytes(b"9")
    (home.root / "archive/cd/2").unlink()
    assert sorted(counted()) == ["archive/ab", "archive/cd"]
    home.disk_use.write_text('{"archive": [1, 2]}')
    assert len(counted()) >= 7
