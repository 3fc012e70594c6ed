"""The record of the last load (`state/last_load.json`)."""

from orchestration.monitoring.model import LoadOutcome, LoadRecord
from warehouse.home import state
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
    """Return the record of the last load; None before the first, or when it is damaged."""
    return state.read_json(home.state, home.last_load, LoadRecord.from_dict)
