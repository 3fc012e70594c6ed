"""The guard in front of Dagster's web UI: what comes from elsewhere, or by GET, changes nothing."""

import sys
from collections.abc import Mapping

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDisconnect
from starlette.websockets import WebSocket

from orchestration import web_ui

MUTATION = "mutation { wipeAssets(assetPartitionRanges: []) { __typename } }"
JSON = {"content-type": "application/json"}


async def _answer(_: object) -> PlainTextResponse:
    return PlainTextResponse("done")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture
def client() -> TestClient:
    """A web UI that carries out whatever reaches it, behind the guard, under one name."""
    application = Starlette(
        routes=[
            Route("/graphql", _answer, methods=["GET", "POST"]),
            Route("/report_asset_check/{key}", _answer, methods=["POST"]),
            Route("/", _answer),
            WebSocketRoute("/graphql", _socket),
        ],
        middleware=[Middleware(web_ui.Guard, names=["localhost", "dagster.county.example", "::1"])],
    )
    return TestClient(application, base_url="http://dagster.county.example")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/graphql", {"accept": "text/html"}, 200),
        ("GET", f"/graphql?query={MUTATION}", {}, 405),
        ("GET", f"/graphql/?query={MUTATION}", {}, 405),
        ("POST", "/graphql", JSON, 200),
        ("POST", "/graphql", {"content-type": "application/json; charset=utf-8"}, 200),
        ("POST", f"/graphql?query={MUTATION}", {}, 415),
        ("POST", "/graphql", {"content-type": "text/plain"}, 415),
        ("POST", "/graphql", {"content-type": "text/plain, application/json"}, 415),
        ("POST", "/report_asset_check/a?passed=true", {}, 415),
        ("POST", "/graphql", {**JSON, "origin": "http://dagster.county.example"}, 200),
        ("POST", "/graphql", {**JSON, "origin": "https://dagster.county.example"}, 200),
        ("POST", "/graphql", {**JSON, "origin": "https://evil.example"}, 403),
        ("POST", "/graphql", {**JSON, "origin": "null"}, 403),
        ("POST", "/graphql", {**JSON, "host": "evil.example:3000"}, 421),
        ("GET", "/", {"host": "localhost:3000"}, 200),
        ("GET", "/", {"host": "[::1]:3000"}, 200),
        ("GET", "/", {"host": ""}, 421),
    ],
)
def test_only_json_by_post_from_the_own_page_may_act(
    client: TestClient, method: str, path: str, headers: Mapping[str, str], status: int
) -> None:
    sent = {"accept": "*/*", **headers}
    assert client.request(method, path, headers=sent).status_code == status


def test_sockets_of_other_pages_are_closed(client: TestClient) -> None:
    host = "dagster.county.example"
    with client.websocket_connect("/graphql", headers={"host": host, "origin": f"https://{host}"}):
        pass
    for headers in ({"host": host, "origin": "https://evil.example"}, {"host": "evil.example"}):
        refused = client.websocket_connect("/graphql", headers=headers)
        with pytest.raises(WebSocketDisconnect), refused:
            pass


def test_dagsters_own_web_server_has_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster_webserver import app, cli

    monkeypatch.setattr(app, "DagsterWebserver", app.DagsterWebserver)  # put back afterwards
    monkeypatch.setattr(cli, "main", lambda: None)
    monkeypatch.setattr(sys, "argv", ["web_ui", "localhost,a.example", "-p", "3000"])
    web_ui.main()
    built = app.DagsterWebserver.build_middleware(object.__new__(app.DagsterWebserver))
    assert built[0].cls is web_ui.Guard
    assert built[0].kwargs == {"names": ["localhost", "a.example"]}
    assert sys.argv == ["web_ui", "-p", "3000"]


def test_the_web_ui_has_no_secrets_in_its_environment() -> None:
    given = {"ECO_HOME": "/srv/eco", "ECO_SMTP_PASSWORD": "s", "ROBOT": "s", "PATH": "/bin"}
    given |= {"ECO_SERVE_POSTGRES": "postgresql://u:s@h/d", "ECO_DAGSTER_POSTGRES": "kept"}
    kept = web_ui.web_environment(given, ["ROBOT"])
    assert kept == {"ECO_HOME": "/srv/eco", "PATH": "/bin", "ECO_DAGSTER_POSTGRES": "kept"}


def test_watchers_get_a_web_ui_that_changes_nothing() -> None:
    command = web_ui.web_command("127.0.0.1", 3001, names=["Watch.example"], read_only=True)
    assert "--read-only" in command
    assert command[3] == "localhost,127.0.0.1,::1,127.0.0.1,watch.example"
    assert "--read-only" not in web_ui.web_command("127.0.0.1", 3000)


def test_programs_that_run_together_end_together() -> None:
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    fails = [sys.executable, "-c", "raise SystemExit(3)"]
    assert web_ui.run_together([(sleeps, {}), (fails, {})]) == 1
