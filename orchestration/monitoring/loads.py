"""The outcome of a nightly load and the record of the last one (`state/last_load.json`)."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from warehouse.home.files import write_text
from warehouse.home.layout import Home

Result = Literal["published", "unchanged", "refused", "failed"]


@dataclass(frozen=True)
class LoadOutcome:
    """How a load ended; times are ISO 8601 in UTC, `problems` one line each."""

    run_id: str
    job: str
    result: Result
    started_at: str
    ended_at: str
    seconds: float
    started_by: str
    problems: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can carry it."""
        return asdict(self)


def record_load(home: Home, outcome: LoadOutcome) -> bool:
    """Keep how the last load ended; False when a later one is on record already."""
    known = last_load(home)
    if known is not None and known["started_at"] > outcome.started_at:
        return False
    record = outcome.to_dict()
    if outcome.result in ("failed", "refused"):
        record["last_success_at"] = (known or {}).get("last_success_at")
    else:
        record["last_success_at"] = outcome.ended_at
    write_text(home.last_load, json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    return True


def last_load(home: Home) -> dict[str, Any] | None:
    """The record of the last load, or None before the first."""
    try:
        return json.loads(home.last_load.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # cut off by a failing disk: the next load tells
        return None
