"""The lake's datasets as assets, all of them materialized by one intake of the landing folders."""

from collections.abc import Iterator
from hashlib import sha256

import dagster as dg

from orchestration.assets.deliveries import deliveries
from orchestration.intake.department_files import refresh
from orchestration.intake.outcome import FileOutcome
from orchestration.intake.service import Intake
from orchestration.keys import DATA_TEAM, INTAKE, lake_key, landing_key, record_key
from orchestration.monitoring import aftermath
from orchestration.progress import Heartbeat
from orchestration.refusals import refusing_damage
from orchestration.resources import Load
from sources.contracts import load_contracts
from warehouse.home.software import software_version
from warehouse.lake.index import submissions

# Tables of the dbt source `intake`, with their descriptions.
RECORDS = {
    "submissions": "Outcome of reading each table of each delivered file.",
    "rejected_rows": "Rejected rows, each with its reasons.",
}


def _specs() -> list[dg.AssetSpec]:
    records = [
        dg.AssetSpec(
            record_key(name),
            group_name=INTAKE,
            description=text,
            owners=[DATA_TEAM],
            kinds={"json"},
        )
        for name, text in RECORDS.items()
    ]
    return records + [
        dg.AssetSpec(
            lake_key(contract.dataset),
            group_name=contract.domain,
            description=f"{contract.title_zh}: accepted rows of the lake, {contract.grain}.",
            deps=[landing_key(d, contract.dataset) for d in contract.departments_allowed],
            owners=[f"team:{department}" for department in contract.departments_allowed],
            kinds={"parquet", "polars"},
        )
        for contract in load_contracts()
    ]


# Only temporary errors fail the step (a full disk, an unreachable share), so it is retried; an
# error of a single file does not.
@dg.multi_asset(
    specs=_specs(),
    name="intake",
    can_subset=False,
    retry_policy=dg.RetryPolicy(max_retries=2, delay=15),
)
def intake_assets(
    context: dg.AssetExecutionContext, load: Load
) -> Iterator[dg.MaterializeResult[None]]:
    """Take in the files of the landing folders; materialize every dataset of the lake."""
    intake = Intake(load.home, load.contracts, software_version())

    def on_file(outcome: FileOutcome) -> None:
        heartbeat.count()
        outcome.log(context.log)

    with refusing_damage(), Heartbeat("intake: {} file(s) done so far") as heartbeat:
        outcomes = intake.run(settle_seconds=load.settle_seconds, on_file=on_file)
    refresh(load.home, load.contracts)
    taken = [outcome for outcome in outcomes if outcome.outcome == "taken"]
    context.log.info(f"intake: {len(outcomes)} file(s) found, {len(taken)} taken in")
    aftermath.write_health_files(load.home, context.log)
    committed = submissions(load.home)
    for delivery in deliveries(context.instance, load.contracts, committed):
        context.log_event(delivery)
    for name in RECORDS:
        yield dg.MaterializeResult(
            asset_key=record_key(name), metadata={"submissions": len(committed)}
        )
    for dataset in load.contracts.datasets:
        of_dataset = [s for s in committed if s.dataset == dataset]
        identities = "".join(sorted(s.submission_id for s in of_dataset))
        yield dg.MaterializeResult(
            asset_key=lake_key(dataset),
            data_version=dg.DataVersion(sha256(identities.encode()).hexdigest()[:16]),
            metadata={
                "submissions": len(of_dataset),
                "rows_accepted": sum(s.rows_accepted for s in of_dataset),
                "rows_rejected": sum(s.rows_rejected for s in of_dataset),
            },
        )
