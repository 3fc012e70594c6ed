"""The mark of a home whose data is made up, so that who reads its publications is told.

The mark lies in the lake, beside the rows, so that a backup takes it along with them. It is never
removed: a lake keeps what it was given.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from warehouse.home.files import write_text
from warehouse.home.layout import Home
from warehouse.home.records import JsonRecord

LABEL_ZH = "演示数据"


@dataclass(frozen=True)
class Demonstration(JsonRecord):
    """The day of which the made-up data is, and the seed that it was drawn from.

    `complete` is whether all of it was delivered.
    """

    parsers: ClassVar = {"day": date.fromisoformat}

    day: date
    seed: int
    complete: bool = False


def mark(home: Home, demonstration: Demonstration) -> None:
    """Mark a home as a demonstration."""
    content = {"label": LABEL_ZH, **demonstration.to_dict(), "day": str(demonstration.day)}
    write_text(home.demonstration, json.dumps(content, ensure_ascii=False) + "\n")


def label_of(home: Home) -> str | None:
    """Return how the publications of a home are marked, None where its data is not made up."""
    return LABEL_ZH if home.demonstration.exists() else None


def demonstration_of(home: Home) -> Demonstration | None:
    """Return the demonstration that a home is, None where it is none.

    Raises ValueError when its mark cannot be read.
    """
    if label_of(home) is None:
        return None
    return Demonstration.from_json(home.demonstration.read_bytes())
