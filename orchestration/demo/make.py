"""Making a demonstration home: marking it, and letting its departments deliver.

The files come as they would have come: each is taken in with the clock at the moment of its
delivery, so that deliveries are in time or late, and `--as-of` has a past. Those of the county's
day are left in landing for the first load.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import groupby

from orchestration.demo.county import County
from orchestration.demo.deliveries import Delivery, deliveries
from orchestration.intake.service import Intake
from orchestration.intake.survey import survey
from sources.contracts import Contracts
from warehouse.home import clock
from warehouse.home.clock import county_day
from warehouse.home.demonstration import Demonstration, demonstration_of, mark
from warehouse.home.folders import opened, write_in
from warehouse.home.layout import Home, HomeError
from warehouse.home.software import software_version
from warehouse.lake.index import submissions

SEED = 2025


def make_demonstration(
    home: Home,
    contracts: Contracts,
    day: date | None = None,
    *,
    seed: int = SEED,
    on_round: Callable[[date, int], object] = lambda day, files: None,
) -> int:
    """Let the departments of a made-up county deliver into a home; return the number of files.

    `day` is the county's day, by default the clock's; `on_round` is called with the day and the
    number of files of each round. A home that is a demonstration already is left as it is; one
    whose making was interrupted is completed, with its day and seed. Raises HomeError for a home
    that has other data, ValueError for a day that is too early or has not come.
    """
    made = demonstration_of(home)
    if made is not None and made.complete:
        return 0
    if made is None:
        _require_empty(home)
        today = county_day(clock.now())
        if day is not None and day > today:
            raise ValueError(f"{day} has not come yet")
        made = Demonstration(day=day or today, seed=seed)
    county = County(made.day, made.seed, contracts.areas.townships)
    files = deliveries(county, contracts)
    mark(home, made)
    intake = Intake(home, contracts, software_version())
    for moment, group in groupby(files, key=lambda each: each.moment):
        found = list(group)
        for delivery in found:
            _drop(home, delivery)
        received = moment.astimezone(clock.COUNTY_ZONE).date()
        if received < made.day:
            with clock.set_to(moment):
                intake.run(settle_seconds=0)
        on_round(received, len(found))
    mark(home, replace(made, complete=True))
    return len(files)


def _drop(home: Home, delivery: Delivery) -> None:
    with opened(home.landing, (delivery.department,), create=True) as folder:
        write_in(folder, delivery.file_name, delivery.content)


def _require_empty(home: Home) -> None:
    """Raise HomeError unless nothing was delivered into a home: a lake keeps what it was given."""
    if submissions(home) or survey(home).files:
        raise HomeError(
            f"{home.root} has data already, and made-up data could not be taken out of it again. "
            "Choose an empty folder with --home."
        )
