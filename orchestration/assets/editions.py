"""周分析 and 月通报 as assets: the edition of a week or month that is over, announced to people.

What stands in them is the published marts' (`warehouse.bulletins` writes the page); each has a job
and a schedule of its own, so that neither waits for a load nor holds one up.
"""

from datetime import UTC, datetime
from typing import Literal

import dagster as dg

from orchestration.keys import DATA_TEAM, PUBLICATION, PUBLISHED
from orchestration.monitoring import aftermath
from orchestration.monitoring.alerts.model import Alert
from orchestration.resources import Load
from warehouse.output import bulletins

Kind = Literal["weekly", "monthly"]
# Asset, job and schedule are called so; the schedule comes after the night's load.
NAMES: dict[Kind, str] = {"weekly": "weekly_analysis", "monthly": "monthly_bulletin"}


def edition_key(kind: Kind) -> dg.AssetKey:
    """The asset of the editions of that kind."""
    return dg.AssetKey([PUBLICATION, NAMES[kind]])


def define(kind: Kind) -> dg.AssetsDefinition:
    """The asset that issues and announces the edition of the last week or month."""
    title = bulletins.TITLES[kind]

    @dg.asset(
        key=edition_key(kind),
        deps=[PUBLISHED],
        group_name=PUBLICATION,
        owners=[DATA_TEAM],
        kinds={"html"},
        description=f"{title}：published/bulletins/{kind}/ 下的一期一页，发出后不再改动。",
        # A publication that is not there yet may come within the hour.
        retry_policy=dg.RetryPolicy(max_retries=2, delay=1200),
    )
    def edition(context: dg.AssetExecutionContext, load: Load) -> dg.MaterializeResult[None]:
        issued = len(bulletins.issues(load.home))
        page = bulletins.write_edition(load.home, kind, datetime.now(UTC))
        context.log.info(f"{title} {page.stem}: {page}")
        if len(bulletins.issues(load.home)) > issued:  # it is announced when it is issued
            text = f"{title} {page.stem} 已生成：{page}"
            news = Alert(f"edition:{kind}:{page.stem}", "edition", text)
            aftermath.review(load.home, [news], context.log.info)
        return dg.MaterializeResult(
            metadata={"period": page.stem, "page": dg.MetadataValue.path(page)}
        )

    return edition
