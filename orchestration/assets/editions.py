"""周分析 and 月通报 as assets: the edition of the last week or month, announced by an alert.

Their content comes from the published marts (`warehouse.output.bulletins` writes the page). Each
has a job and a schedule of its own, so that it neither waits for a load nor delays one.
"""

from datetime import UTC, datetime
from typing import Literal

import dagster as dg

from orchestration.keys import DATA_TEAM, PUBLICATION, PUBLISHED
from orchestration.monitoring import aftermath
from orchestration.monitoring.alerts.model import Alert
from orchestration.release.service import issue_edition
from orchestration.resources import Load
from warehouse.output import bulletins

Kind = Literal["weekly", "monthly"]
# Names of asset and job. Their schedules tick after the nightly load.
NAMES: dict[Kind, str] = {"weekly": "weekly_analysis", "monthly": "monthly_bulletin"}


def edition_key(kind: Kind) -> dg.AssetKey:
    """Return the asset key of the editions of a kind."""
    return dg.AssetKey([PUBLICATION, NAMES[kind]])


def define(kind: Kind) -> dg.AssetsDefinition:
    """Return the asset that issues and announces the edition of the last week or month."""
    title = bulletins.TITLES[kind]

    @dg.asset(
        key=edition_key(kind),
        deps=[PUBLISHED],
        group_name=PUBLICATION,
        owners=[DATA_TEAM],
        kinds={"html"},
        description=f"{title}：published/bulletins/{kind}/ 下的一期一页，发出后不再改动。",
        # A publication that is still missing may follow within the hour.
        retry_policy=dg.RetryPolicy(max_retries=2, delay=1200),
    )
    def edition(context: dg.AssetExecutionContext, load: Load) -> dg.MaterializeResult[None]:
        issued = len(bulletins.issues(load.home))
        page = issue_edition(load.home, kind, datetime.now(UTC))
        context.log.info(f"{title} {page.stem}: {page}")
        if len(bulletins.issues(load.home)) > issued:  # announced once, when it is issued
            text = f"{title} {page.stem} 已生成：{page}"
            news = Alert(f"edition:{kind}:{page.stem}", "edition", text)
            aftermath.review(load.home, [news], context.log)
        return dg.MaterializeResult(
            metadata={"period": page.stem, "page": dg.MetadataValue.path(page)}
        )

    return edition
