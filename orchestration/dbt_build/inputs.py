"""The inputs of a publication, as one digest.

A load with the inputs of the current publication has nothing to build: the same rows, the same
code, the same parameters and the same day give the same marts.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sources.contracts import plan_in_force
from warehouse.home import clock
from warehouse.home.clock import county_day
from warehouse.home.layout import Home
from warehouse.home.software import PROJECT
from warehouse.lake.holds import held
from warehouse.lake.index import digests

_CODE = ("sources", "warehouse", "dbt_project", "expectations", "orchestration")
# Output of dbt and Python, and sample files: no mart depends on them.
_NO_INPUT = {"target", "logs", "__pycache__", "samples"}


def _code_files() -> Iterator[Path]:
    for folder in _CODE:
        for path in sorted((PROJECT / folder).rglob("*")):
            relative = path.relative_to(PROJECT)
            if path.is_file() and not _NO_INPUT.intersection(relative.parts):
                yield path


def digest(home: Home, *, as_of: datetime | None, year: int | None) -> str:
    """Return the SHA-256 of what a build reads: submissions, plan, code, parameters, day.

    The county's day is an input because lists of overdue submissions depend on it; for a build as
    of a moment it is the day of that moment.
    """
    moment = as_of or clock.now()
    plan = plan_in_force()
    parameters = {
        "submissions": digests(home, as_of),
        "plan": plan.digest if plan else None,
        "held": {identity: each.to_dict() for identity, each in held(home, as_of).items()},
        "as_of": as_of.isoformat() if as_of else None,
        "year": year,
        "day": county_day(moment).isoformat(),
    }
    found = sha256(json.dumps(parameters, sort_keys=True, default=str).encode())
    for path in _code_files():
        found.update(path.relative_to(PROJECT).as_posix().encode() + b"\0")
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()
