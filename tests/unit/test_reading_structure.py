"""Files broken in their structure, some hundred at random: tables and refusals, nothing else."""

import random
from pathlib import Path

import pytest
from structure_fuzz import broken_file, check

FILES, PARTS = 240, 4


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_the_structure_a_reader_yields_tables_or_refuses(
    part: int, tmp_path: Path
) -> None:
    first = random.randrange(10**9)
    print(f"seeds {first} to {first + FILES // PARTS - 1}")
    wrong = []
    for seed in range(first, first + FILES // PARTS):
        made = broken_file(seed)
        try:
            check(made, tmp_path)
        except Exception as error:
            wrong.append(f"broken_file({seed}) ({made.done}): {error!r:.200}")
    assert not wrong, "\n".join(wrong)
