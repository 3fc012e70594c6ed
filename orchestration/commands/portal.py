"""Commands of the clerks' web page: `eco portal`, `eco portal user`."""

from pathlib import Path
from typing import TextIO

import click

from orchestration.commands.options import home_option, require_free_port


@click.group(
    invoke_without_command=True,
    short_help="The clerks' web page, until Ctrl+C; `user` keeps its accounts.",
)
@home_option
@click.option("--port", default=8080, show_default=True, help="Port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--behind-tls",
    is_flag=True,
    help="A reverse proxy on this machine serves it over TLS: cookies are marked secure.",
)
@click.pass_context
def portal(context: click.Context, home_dir: Path, port: int, host: str, behind_tls: bool) -> None:
    """Serve the web page on which departments upload files and read receipts.

    It takes files in by itself and needs no daemon. TLS belongs to a reverse proxy
    (docs/deployment/nginx.conf).
    """
    if context.invoked_subcommand is not None:
        return
    import uvicorn

    from orchestration.logs import configure_logging
    from orchestration.portal.app import Portal
    from sources.contracts import load_contracts
    from warehouse.home.layout import Home

    home = Home.at(home_dir)
    home.require()
    require_free_port(host, port)
    configure_logging("service")
    application = Portal(home, load_contracts(), secure=behind_tls)
    if not application.users.all():
        click.echo("no account yet; add one: eco portal user add NAME --department D", err=True)
    click.echo(f"portal: http://{host}:{port}  (Ctrl+C ends it)")
    uvicorn.run(
        application.application(),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        proxy_headers=behind_tls,
        forwarded_allow_ips="127.0.0.1",
        timeout_keep_alive=15,
        limit_concurrency=200,
        h11_max_incomplete_event_size=32 * 1024,
    )


@portal.group(short_help="The accounts of the portal.")
def user() -> None:
    """Add, list and remove accounts."""


@user.command(short_help="Add an account or give it a new password.")
@home_option
@click.argument("name")
@click.option("--department", required=True, metavar="D", help="Its folder's name in landing.")
@click.option(
    "--password-file",
    type=click.File(encoding="utf-8"),
    help="Read the password from a file (- for standard input) instead of asking for it.",
)
def add(home_dir: Path, name: str, department: str, password_file: TextIO | None) -> None:
    """Add the account NAME of a department, or give it a new password."""
    from orchestration.portal.users import Users
    from sources.contracts import load_contracts
    from warehouse.home.layout import Home

    home = Home.at(home_dir)
    home.require()
    departments = load_contracts().departments
    if department not in departments:
        raise click.UsageError(f"--department: '{department}' is none of {', '.join(departments)}")
    if password_file is not None:
        password = password_file.read().rstrip("\r\n")
    else:
        password = click.prompt("password", hide_input=True, confirmation_prompt=True)
    Users(home).add(name, department, password)
    click.echo(f"{name}: account of {departments[department].name_zh} ({department})")


@user.command("list", short_help="List the accounts.")
@home_option
def list_users(home_dir: Path) -> None:
    """List the accounts with their departments."""
    from orchestration.portal.users import Users
    from warehouse.home.layout import Home

    users = Users(Home.at(home_dir)).all()
    for found in users.values():
        click.echo(f"{found.name}: {found.department}, since {found.created_at[:10]}")
    click.echo(f"{len(users)} account(s)")


@user.command(short_help="Remove an account.")
@home_option
@click.argument("name")
def remove(home_dir: Path, name: str) -> None:
    """Remove the account NAME; its sessions end."""
    from orchestration.portal.users import Users
    from warehouse.home.layout import Home

    Users(Home.at(home_dir)).remove(name)
    click.echo(f"{name}: removed")
