"""Folders that others can write into: no link is followed, nothing in the way stops a write."""

import os
from pathlib import Path

import pytest

from warehouse.home import folders
from warehouse.home.folders import opened, own_folder, reading, shown_name, write_in


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("森林.csv".encode(), "森林.csv"),
        ("森林.csv".encode("gb18030"), "森林.csv"),
        (b"caf\xe9.csv", "caf\\xe9.csv"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"a\nb\x1b[0m\x7f", "a\\nb\\x1b[0m\\x7f"),
        ("a\u202eb\u2028\u200b".encode(), "a\\u202eb\\u2028\\u200b"),
        (b"100%s {} \\n", "100%s {} \\n"),
    ],
)
def test_a_name_is_shown_as_text_whatever_its_bytes(raw: bytes, shown: str) -> None:
    assert shown_name(os.fsdecode(raw)) == shown
    shown.encode()
    assert shown.isprintable()


def test_no_part_of_a_path_may_be_a_link_or_lead_upwards(tmp_path: Path) -> None:
    (tmp_path / "real" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    with opened(tmp_path, ("real", "inner")):
        pass
    for parts in (("link",), ("link", "inner"), ("real", ".."), ("..",), ("real/inner",)):
        with pytest.raises(NotADirectoryError), opened(tmp_path, parts):
            pass


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with opened(tmp_path) as folder:
        with reading(folder, "file") as file:
            assert file.read() == b"x"
        for name in ("link", "pipe", "folder", "nothing"):
            with pytest.raises(FileNotFoundError), reading(folder, name):
                pass


def test_a_file_is_written_whatever_stands_in_its_place(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    place = tmp_path / "place"
    place.mkdir()
    (place / "link").symlink_to(outside)
    (place / "folder" / "inner").mkdir(parents=True)
    os.mkfifo(place / "pipe")
    with opened(place) as folder:
        for name in ("link", "folder", "pipe", "new"):
            write_in(folder, name, b"written")
            write_in(folder, name, b"again")
    names = {path.name: path for path in place.iterdir()}
    assert set(names) == {"link", "folder", "pipe", "new", "folder（已改名1）"}
    for name in ("link", "folder", "pipe", "new"):
        assert not names[name].is_symlink()
        assert names[name].read_bytes() == b"again"
    assert (names["folder（已改名1）"] / "inner").is_dir()
    assert outside.read_text() == "x"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with opened(tmp_path) as folder:
        monkeypatch.setattr(folders.os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            write_in(folder, "a", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize("kind", ["file", "link", "link to a folder", "pipe", "nothing"])
def test_an_own_folder_is_made_whatever_stands_in_its_place(tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    place = tmp_path / "d" / "receipts"
    if kind != "nothing":
        place.parent.mkdir()
    if kind == "file":
        place.write_text("x")
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind.startswith("link"):
        place.symlink_to(outside if kind.endswith("folder") else "nowhere")
    for _ in range(2):
        with own_folder(tmp_path, ("d", "receipts")) as folder:
            write_in(folder, "a", b"x")
    assert place.is_dir() and not place.is_symlink()
    assert os.path.lexists(f"{place}（已改名1）") == (kind != "nothing")
    assert list(outside.iterdir()) == []
