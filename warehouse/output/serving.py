"""The record of the last copy into PostgreSQL: `serving.json` in the home's state."""

import json
from collections.abc import Mapping

from warehouse.home import clock, state
from warehouse.home.files import write_text
from warehouse.home.layout import Home


def record(home: Home, *, stamp: str, error: str | None, seconds: float) -> None:
    """Write how the last copy went."""
    content = {
        "stamp": stamp,
        "error": error,
        "seconds": seconds,
        "at": clock.now().isoformat(timespec="seconds"),
    }
    write_text(home.state / "serving.json", json.dumps(content, ensure_ascii=False) + "\n")


def last_record(home: Home) -> Mapping[str, object] | None:
    """Return the record of the last copy; None before the first, or when it cannot be read."""
    return state.read_json(home.state, home.state / "serving.json", dict)
