"""Unexpected errors of a command: one sentence for the user, the details in a file."""

import errno
import re
from pathlib import Path

import pytest

from orchestration.cli import eco, main


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "The disk is full: free"),
        (OSError(errno.EACCES, "Permission denied", "/data/x"), "/data/x: Permission denied. Run"),
        (ZeroDivisionError("division by zero"), "not your mistake: ZeroDivisionError: division"),
    ],
)
def test_an_unexpected_error_gives_one_sentence_and_a_file_of_details(
    error: Exception,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def breaks(**_: object) -> None:
        raise error

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(eco, "main", breaks)
    with pytest.raises(SystemExit) as ended:
        main()
    output = capsys.readouterr().err
    assert ended.value.code == 1
    assert words in output
    assert "Traceback" not in output
    if file := re.search(r"The details are in (\S+);", output):
        assert "in breaks" in Path(file[1]).read_text("utf-8")
    else:
        assert isinstance(error, OSError)
