"""Decisions to hold submissions: what a held one delivered does not count until it is released.

Each decision is a JSON file of its own (`lake/_holds/`), written once and never changed, so that a
build as of a past moment leaves out what was held then. What a decision follows from is not known
here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal

from warehouse.home import clock
from warehouse.home.files import write_text
from warehouse.home.layout import Home
from warehouse.home.records import JsonRecord
from warehouse.lake.submissions import LakeError

Action = Literal["hold", "release"]
_NAME_FORMAT = "%Y%m%dT%H%M%S%fZ"  # names sort by time


@dataclass(frozen=True)
class Decision(JsonRecord):
    """A submission is held or released from a moment (`at`, ISO 8601 in UTC) on.

    `by` is who decided: a person, or the run of a load. `reason` is a sentence for people. `rule`
    is the check that a load held it for, None where a person decided; `indicator_ids` are the
    indicators concerned.
    """

    parsers: ClassVar = {"indicator_ids": tuple}

    submission_id: str
    action: Action
    at: str
    by: str
    reason: str
    rule: str | None = None
    indicator_ids: tuple[str, ...] = ()

    @property
    def moment(self) -> datetime:
        """Moment from which it holds (UTC)."""
        return datetime.fromisoformat(self.at)


def decisions(home: Home, as_of: datetime | None = None) -> list[Decision]:
    """Return all decisions in the order of time, up to `as_of` if it is given.

    Raises LakeError when a record cannot be read.
    """
    found = [read_decision(path) for path in sorted(home.holds.glob("*.json"))]
    return [each for each in found if as_of is None or each.moment <= as_of]


def read_decision(path: Path) -> Decision:
    """Return the decision of a record. Raises LakeError when it cannot be read."""
    try:
        return Decision.from_json(path.read_bytes())
    except (ValueError, TypeError, AttributeError) as error:
        raise LakeError(
            f"{path} is not the record of a decision: {error}. Restore the file from a backup: "
            "eco restore BACKUP --repair"
        ) from error


def held(home: Home, as_of: datetime | None = None) -> dict[str, Decision]:
    """Return the decisions by which submissions are held at a moment, by submission."""
    return {each.submission_id: each for each in _last(home, as_of) if each.action == "hold"}


def released(home: Home) -> set[str]:
    """Return the submissions that were held and count again."""
    return {each.submission_id for each in _last(home) if each.action == "release"}


def _last(home: Home, as_of: datetime | None = None) -> Iterable[Decision]:
    return {each.submission_id: each for each in decisions(home, as_of)}.values()


def new_decision(
    submission_id: str,
    action: Action,
    *,
    by: str,
    reason: str,
    rule: str | None = None,
    indicator_ids: tuple[str, ...] = (),
) -> Decision:
    """Return a decision of this moment; it has no effect until it is recorded."""
    return Decision(submission_id, action, clock.now().isoformat(), by, reason, rule, indicator_ids)


def record(home: Home, decision: Decision) -> None:
    """Put a decision on record, from where no command removes it."""
    name = f"{decision.moment:{_NAME_FORMAT}}-{decision.submission_id}-{decision.action}.json"
    write_text(home.holds / name, decision.to_json())
