"""The `eco` command line: the group of all commands, and the last handler of errors.

Exit codes: 0 done, 1 usage or internal error, 2 publication refused by checks (`eco status`:
somebody has to act). Commands import what they need when they run: the libraries take seconds.
"""

import sys

import click

from orchestration.commands import check, inspect, load, maintain, new, portal
from orchestration.commands.errors import error_sentence


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="yangcheng-eco-warehouse", prog_name="eco")
def eco() -> None:
    """The eco-indicator warehouse of Yangcheng county (阳城县生态文明指标数据仓库)."""


for command in (
    *(load.init, load.ingest, load.nightly, load.publish, load.report, load.dev),
    *(inspect.status, inspect.alerts, inspect.trace, inspect.verify),
    *(maintain.backup, maintain.restore, maintain.templates, check.check, new.new),
    portal.portal,
):
    eco.add_command(command)


def main() -> None:
    """Run the command line; every error becomes a sentence and an exit code of 1."""
    from warehouse.home.software import collect_garbage_rarely

    collect_garbage_rarely()
    try:
        eco.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except click.Abort:
        sys.exit(1)
    except Exception as error:  # the last resort: no traceback reaches a user
        click.echo(f"Error: {error_sentence(error)}", err=True)
        sys.exit(1)
