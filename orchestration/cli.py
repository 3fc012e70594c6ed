"""The `eco` command line: the group of all commands, logging, and the last handler of errors.

Exit codes: 0 done, 1 usage or internal error, 2 publication refused by checks (`eco status`:
somebody has to act). Commands import libraries when they run, because that takes seconds.
"""

import sys
import traceback

import click

from orchestration.commands import (
    check,
    ingest,
    inspect,
    load,
    maintain,
    new,
    portal,
    publish,
    region,
    submissions,
)
from orchestration.errors import expected_error, keep_details, short_text
from orchestration.logs import configure_logging


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="yangcheng-eco-warehouse", prog_name="eco")
def eco() -> None:
    """The eco-indicator warehouse of Yangcheng county (阳城县生态文明指标数据仓库)."""


for command in (
    *(load.init, ingest.ingest, load.nightly, load.dev, publish.publish, publish.report),
    *(inspect.status, inspect.alerts, inspect.trace, inspect.verify),
    *(maintain.backup, maintain.restore, maintain.templates, check.check, new.new),
    *(portal.portal, submissions.submissions, publish.superset_bundle, region.region),
):
    eco.add_command(command)


def main() -> None:
    """Run the command line; every error is reported in a sentence, with exit code 1."""
    from warehouse.home.software import collect_garbage_rarely

    collect_garbage_rarely()
    configure_logging("terminal")
    try:
        eco.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except click.Abort:
        sys.exit(1)
    except Exception as error:  # no traceback reaches a user
        click.echo(f"Error: {expected_error(error) or _unexpected(error)}", err=True)
        sys.exit(1)


def _unexpected(error: Exception) -> str:
    details = keep_details(traceback.format_exc())
    return f"unexpected, and not your mistake: {short_text(error)}\n{details}"
