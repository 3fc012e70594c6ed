"""Options, output and exit codes that several commands share."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from orchestration.logs import keep_log
from orchestration.plan import use_plan_of
from warehouse.home.layout import Home

REFUSED = 2  # publication refused by checks
ATTENTION = 2  # `eco status`: somebody has to act


def default_home() -> Path:
    # Imported only where --home is missing: pydantic-settings takes a tenth of a second.
    from warehouse.home.settings import HomeSettings

    return HomeSettings.load().home


def home_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option --home, the parameter `home_dir`; log and plan of the home are in use then."""

    def opened(_: click.Context, __: click.Parameter, home_dir: Path) -> Path:
        keep_log(Home.at(home_dir))
        use_plan_of(Home.at(home_dir))
        return home_dir

    return click.option(
        "--home",
        "home_dir",
        callback=opened,
        default=default_home,
        show_default="ECO_HOME, else ./data",
        type=click.Path(file_okay=False, path_type=Path),
        help="The data home.",
    )(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option --json, the parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(
        command
    )


def report_wait() -> None:
    """Print that a lock is held by another process."""
    click.echo("another process is at work in this home; waiting for it to finish", err=True)


def print_json(content: Any) -> None:
    """Print the result of a command as JSON; dates and paths become text."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=1, default=str))


@contextmanager
def progress_bar(label: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on a terminal, nothing elsewhere; yields a callback (done, total)."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def size_text(count: float) -> str:
    """Return a number of bytes with a unit, as 12.3 MB."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def require_free_port(host: str, port: int) -> None:
    """Raise ClickException when a port is in use; the services would show a traceback."""
    import socket

    try:
        family = socket.getaddrinfo(host, port)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror}. Does it run already? "
            "Choose another port with --port."
        ) from error
