"""Dagster's web UI and daemon as `eco dev` starts them, and the guard in front of the web UI.

Run as a module it is `dagster-webserver` with the guard: Dagster carries out mutations that come by
GET or by a form, so that any page in a browser that reaches the port could start runs.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse

from warehouse.home.settings import AlertSecrets, ServingSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_DEFINITIONS = ("-m", "orchestration.definitions")
_POLL_SECONDS = 0.2
_END_SECONDS = 30


class Guard:
    """Refuses requests under a foreign host name, from another page, or that act by GET or a form.

    `names` are the host names under which the web UI is reached.
    """

    def __init__(self, app: "ASGIApp", names: Sequence[str]) -> None:
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a refused request; hand any other on."""
        refusal = None
        if scope["type"] in ("http", "websocket"):
            refusal = self._host_refusal(Headers(scope=scope)) or _method_refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal[1]})
        else:
            await PlainTextResponse(refusal[1], status_code=refusal[0])(scope, receive, send)

    def _host_refusal(self, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if _host_name(host) not in self._names:
            return 421, "this host name is not served here; start eco dev with --name for it"
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return 403, "requests of other pages are refused"
        return None


def _host_name(host: str) -> str:
    """Return a host without its port, an IPv6 address without brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _method_refusal(scope: "Scope") -> tuple[int, str] | None:
    """Return why a request may not act: only JSON by POST does, which no form can send."""
    if scope["type"] != "http":
        return None
    headers, method = Headers(scope=scope), scope["method"]
    if method in ("GET", "HEAD"):
        is_query = scope["path"].rstrip("/").endswith("/graphql")
        if is_query and "text/html" not in headers.get("accept", ""):
            return 405, "GraphQL is asked by POST"
    elif headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return 415, "requests that change something are JSON"
    return None


def web_command(
    host: str, port: int, *, names: Sequence[str] = (), read_only: bool = False
) -> list[str]:
    """Return the command of the web UI; `names` are host names beside the loopback ones."""
    known = ",".join([*_LOOPBACK, host.lower(), *(name.lower() for name in names)])
    command = [sys.executable, "-m", "orchestration.web_ui", known, "-h", host, "-p", str(port)]
    return [*command, *(["--read-only"] if read_only else []), *_DEFINITIONS]


def daemon_command() -> list[str]:
    """Return the command of the daemon."""
    return [str(Path(sys.executable).with_name("dagster-daemon")), "run", *_DEFINITIONS]


def web_environment(environment: Mapping[str, str], secrets: Sequence[str]) -> dict[str, str]:
    """Return the environment of the web UI, without what only runs and alerts need.

    A run's configuration can ask for any variable of the process that checks it; `secrets` are
    further names.
    """
    dropped = {name for group in (AlertSecrets, ServingSettings) for name, _, _ in group.rows()}
    return {k: v for k, v in environment.items() if k not in dropped | {*secrets}}


def run_together(programs: Sequence[tuple[list[str], Mapping[str, str]]]) -> int:
    """Run programs until one ends or this process is asked to end; return the exit code.

    Each is given as (command, environment). The others are then ended, too.
    """
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)  # before they start: what this process ignores, they ignore
    children = [subprocess.Popen(command, env=env) for command, env in programs]
    while not asked and all(child.poll() is None for child in children):
        time.sleep(_POLL_SECONDS)
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
    for child in children:
        try:
            child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return 0 if asked else max(child.returncode != 0 for child in children)


def replace_process(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Become another program, so that a service manager's signals reach it."""
    sys.stdout.flush()
    os.execve(command[0], list(command), dict(environment))


def main() -> None:
    """Run `dagster-webserver` behind the guard; the first argument has the known host names."""
    from dagster_webserver import app, cli
    from dagster_webserver.webserver import DagsterWebserver

    names = sys.argv.pop(1).split(",")

    class GuardedWebserver(DagsterWebserver):
        def build_middleware(self) -> list[Middleware]:
            return [Middleware(Guard, names=names), *super().build_middleware()]

    # Dagster has no setting for middleware.
    app.DagsterWebserver = GuardedWebserver  # type: ignore[misc]
    cli.main()


if __name__ == "__main__":
    main()
