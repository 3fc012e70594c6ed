"""The start of the asset graph: the deliveries of each department, as external assets.

They are materialized when something was received, and their freshness follows from that. The
assets of the lake are materialized by every intake, whether or not something was received.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg

from orchestration.keys import LANDING, landing_key
from sources.contracts import Contract, Contracts
from warehouse.home.clock import COUNTY_ZONE
from warehouse.lake.submissions import Submission

_SUBMISSION = "submission_id"
_SHORTEST_MONTH = 28
_COMMON_YEAR = 2023


def freshness(contract: Contract) -> dg.FreshnessPolicy | None:
    """Return the policy of a contract's cadence and due days; None for registers and events.

    A dataset is fresh when something was received since the end of the last period that is due.
    Whether it was the right period is reported by the mart department_scorecard: Dagster knows
    when something was received, not for which period.
    """
    days = contract.due_days_after_period
    if contract.cadence == "daily":
        return dg.FreshnessPolicy.time_window(fail_window=timedelta(days=1 + days))
    if contract.period_months is None:
        return None
    # The end of the day on which it is due, by the same rule as the scorecard's due_on.
    first_months = range(1, 13, contract.period_months)
    ends = [date(_COMMON_YEAR, month, 1) + timedelta(days=days) for month in first_months]
    months = sorted({end.month for end in ends})
    shortest = min(monthrange(_COMMON_YEAR, month)[1] for month in months)
    day = min(max(end.day for end in ends), shortest)
    every = "*" if len(months) == 12 else ",".join(map(str, months))
    return dg.FreshnessPolicy.cron(
        deadline_cron=f"0 0 {day} {every} *",
        # Dagster allows at most the shortest time between two deadlines.
        lower_bound_delta=timedelta(days=min(days, _SHORTEST_MONTH * 12 // len(first_months))),
        timezone=str(COUNTY_ZONE),
    )


def landing_specs(contracts: Contracts) -> list[dg.AssetSpec]:
    """Return an external asset per department and dataset that it may deliver.

    The first department of a contract is responsible for the dataset: only its deliveries have a
    freshness policy.
    """
    return [
        dg.AssetSpec(
            landing_key(department, contract.dataset),
            group_name=LANDING,
            description=f"{contracts.departments[department].name_zh}报送的{contract.title_zh}"
            f"（landing/{department}/）",
            owners=[f"team:{department}"],
            kinds={"csv", "excel"},
            freshness_policy=freshness(contract)
            if department == contract.departments_allowed[0]
            else None,
        )
        for contract in contracts
        for department in contract.departments_allowed
    ]


def deliveries(
    instance: dg.DagsterInstance, contracts: Contracts, committed: list[Submission]
) -> Iterator[dg.AssetMaterialization]:
    """Yield the latest delivery of each landing asset, where Dagster has not recorded it yet.

    It does not matter how it was taken in. `committed` are the submissions in the order in which
    they were received.
    """
    latest = {
        landing_key(s.department, s.dataset): s
        for s in committed
        if s.dataset
        and s.rows_accepted
        and s.department in contracts[s.dataset].departments_allowed
    }
    recorded = {}
    for record in instance.get_asset_records(list(latest)):
        event = record.asset_entry.last_materialization
        if event is not None and event.asset_materialization is not None:
            recorded[record.asset_entry.asset_key] = event.asset_materialization.metadata
    for key, submission in latest.items():
        known = recorded.get(key, {}).get(_SUBMISSION)
        if known is None or known.value != submission.submission_id:
            yield dg.AssetMaterialization(
                key,
                metadata={
                    _SUBMISSION: submission.submission_id,
                    "file": submission.landing_path,
                    "received_at": dg.MetadataValue.timestamp(submission.received),
                    "rows_accepted": submission.rows_accepted,
                    "rows_rejected": submission.rows_rejected,
                    "periods": ", ".join(submission.periods),
                },
            )
