"""Landing folders: bounds of the walk, removing the version that was read, interrupted removals."""

import os
import tracemalloc
from pathlib import Path

import pytest

from orchestration.intake import landing, survey
from orchestration.intake.landing import undo_removals
from sources.contracts import load_contracts
from warehouse.home.layout import Home


def table(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def found(home: Home) -> list[str]:
    return [file.shown_path for file in survey.survey(home).files]


def test_twenty_thousand_entries_take_memory_by_their_number_alone(empty_home: Home) -> None:
    folder = empty_home.department("forestry")
    per_entry = {}
    for count in (2_000, 20_000):
        for number in range(len(os.listdir(folder)) - 1, count):
            os.close(os.open(folder / f"{number}.csv", os.O_CREAT))
        tracemalloc.start()
        seen = survey.survey(empty_home)
        per_entry[count] = tracemalloc.get_traced_memory()[1] / count
        tracemalloc.stop()
        assert len(seen.files) == count
        assert seen.obstacles == ()
    assert per_entry[20_000] < 1.2 * per_entry[2_000] < 1_000, "bytes"


def test_what_is_beyond_a_bound_waits_and_is_named(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "MOST_ENTRIES", 12)
    monkeypatch.setattr(survey, "MOST_OF_DEPARTMENT", 18)
    for number in range(15):
        table(empty_home.department("forestry") / f"{number}.csv")
        table(empty_home.department("energy") / "a" / f"{number}.csv")
        table(empty_home.department("energy") / "b" / f"{number}.csv")
        table(empty_home.department("housing") / f".{number}.csv")
    table(empty_home.department("housing") / "a.csv")
    seen = survey.survey(empty_home)
    departments = [file.department for file in seen.files]
    # Two of the 18 entries of a department are the folders a and b.
    assert {d: departments.count(d) for d in departments} == {
        "forestry": 12,
        "energy": 16,
        "housing": 1,
    }
    assert [(o.path, o.code) for o in seen.obstacles] == [
        ("energy/a", "too_many_entries"),
        ("energy/b", "too_many_entries"),
        ("forestry", "too_many_entries"),
    ]


def test_what_may_not_be_read_or_removed_is_left(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(empty_home.department("forestry") / "good.csv")
    table(empty_home.department("forestry") / "closed.csv")
    table(empty_home.department("forestry") / "folder" / "a.csv")
    folder = (empty_home.department("forestry") / "folder").stat().st_ino

    def may(_: object, descriptor: int, name: str, rights: int) -> bool:
        return name != "closed.csv" and os.stat(name, dir_fd=descriptor).st_ino != folder

    monkeypatch.setattr(survey._Walk, "_may", may)
    seen = survey.survey(empty_home)
    assert [file.shown_path for file in seen.files] == ["forestry/good.csv"]
    assert {(o.path, o.code) for o in seen.obstacles} == {
        ("forestry/closed.csv", "no_rights"),
        ("forestry/folder", "no_rights"),
    }


def test_only_the_version_that_was_read_is_removed(empty_home: Home) -> None:
    path = table(empty_home.department("forestry") / "a.csv")
    [read] = survey.survey(empty_home).files
    newer = table(path.with_name("b"), "newer")
    os.replace(newer, path)
    read.remove()
    assert path.read_text() == "newer"
    [now] = survey.survey(empty_home).files
    now.remove()
    now.remove()  # it is gone
    assert os.listdir(path.parent) == ["receipts"]


def test_a_file_is_not_removed_through_a_folder_that_became_a_link(
    empty_home: Home, tmp_path: Path
) -> None:
    folder = empty_home.department("forestry") / "sub"
    path = table(folder / "a.csv")
    [read] = survey.survey(empty_home).files
    outside = tmp_path / "outside"
    outside.mkdir()
    os.rename(path, outside / "a.csv")  # the very file, in another place
    folder.rmdir()
    folder.symlink_to(outside)
    read.remove()
    assert read.now() is None
    assert (outside / "a.csv").exists()


@pytest.mark.parametrize("newer", [False, True])
def test_an_interrupted_removal_is_undone(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch, newer: bool
) -> None:
    path = table(empty_home.department("forestry") / "a.csv", "read")
    [read] = survey.survey(empty_home).files

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(landing.os, "unlink", killed)
        patch.setattr(landing.os, "rmdir", killed)
        read.remove()
    assert found(empty_home) == []
    if newer:
        table(path, "newer")
    undo_removals(empty_home.landing, survey.survey(empty_home).leftovers)
    names = ["forestry/a.csv", "forestry/a.csv（已改名1）"][: 1 + newer]
    assert found(empty_home) == names
    assert path.read_text() == ("newer" if newer else "read")
    assert survey.survey(empty_home).leftovers == ()


def test_folders_of_unknown_departments_and_entries_of_no_name_are_walked(
    empty_home: Home,
) -> None:
    table(empty_home.landing / "nobody" / "a.csv")
    assert set(survey.survey(empty_home).departments) == {*load_contracts().departments, "nobody"}
    assert found(empty_home) == ["nobody/a.csv"]
