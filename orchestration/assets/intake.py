"""The lake's datasets as assets: one intake of the landing folders feeds them all."""

from collections.abc import Iterator
from hashlib import sha256

import dagster as dg

from orchestration.assets.deliveries import deliveries
from orchestration.intake.service import FileOutcome, Intake
from orchestration.keys import DATA_TEAM, INTAKE, lake_key, landing_key, record_key
from orchestration.monitoring import aftermath
from orchestration.refusals import refusing_damage
from orchestration.resources import Load
from sources.contracts import load_contracts
from warehouse.home.software import software_version
from warehouse.lake.submissions import submissions

# What a build is told of the files themselves: the dbt source `intake`.
RECORDS = {
    "submissions": "What became of each table of each file that was delivered.",
    "rejected_rows": "The rows that were rejected, each with its reasons.",
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


def _say(context: dg.AssetExecutionContext, outcome: FileOutcome) -> None:
    name = f"{outcome.department}/{outcome.file_name}"
    if outcome.outcome == "failed":
        context.log.error(f"{name}: not processed, it stays in landing\n{outcome.error}")
    elif outcome.outcome == "waiting":
        context.log.warning(f"{name}: {outcome.error}")
    elif outcome.outcome == "known":
        context.log.info(f"{name}: already taken in earlier")
    else:
        for s in outcome.submissions:
            what = s.dataset or s.reason_code
            context.log.info(
                f"{name}{' / ' + s.sheet if s.sheet else ''}: {s.status} ({what}), rows read "
                f"{s.rows_read} = accepted {s.rows_accepted} + rejected {s.rows_rejected} "
                f"+ duplicate {s.rows_duplicate}"
            )


# What fails here is of the moment (a disk that was full, a share that was away): a file's own
# troubles never fail the step.
@dg.multi_asset(
    specs=_specs(),
    name="intake",
    can_subset=False,
    retry_policy=dg.RetryPolicy(max_retries=2, delay=15),
)
def intake_assets(
    context: dg.AssetExecutionContext, load: Load
) -> Iterator[dg.MaterializeResult[None]]:
    """Take in what lies in the landing folders; every dataset of the lake then stands as it is."""
    intake = Intake(load.home, load.contracts, software_version())
    with refusing_damage():
        outcomes = intake.run(
            settle_seconds=load.settle_seconds, on_file=lambda outcome: _say(context, outcome)
        )
    taken = [outcome for outcome in outcomes if outcome.outcome == "taken"]
    context.log.info(f"intake: {len(outcomes)} file(s) found, {len(taken)} taken in")
    aftermath.note(load.home, context.log.warning)
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
