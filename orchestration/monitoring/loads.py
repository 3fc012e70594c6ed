"""The record of the last load (`state/last_load.json`)."""

from orchestration.monitoring.model import LoadOutcome, LoadRecord
from warehouse.home.files import write_text
from warehouse.home.layout import Home


def record_load(home: Home, outcome: LoadOutcome) -> bool:
    """Record the outcome of a load; return False when a later load is on record already."""
    known = last_load(home)
    if known is not None and known.started_at > outcome.started_at:
        return False
    if outcome.result in ("failed", "refused"):
        success = known.last_success_at if known else None
    else:
        success = outcome.ended_at
    record = LoadRecord.from_dict({**outcome.to_dict(), "last_success_at": success})
    write_text(home.last_load, record.to_json())
    return True


def last_load(home: Home) -> LoadRecord | None:
    """Return the record of the last load; None before the first, or when it is damaged.

    A record that a failing disk cut off is replaced by the next load.
    """
    try:
        return LoadRecord.from_json(home.last_load.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
