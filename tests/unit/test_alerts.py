"""Alerts against servers on loopback: each is sent once to each channel, and none is lost."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from orchestration.intake.service import Intake
from orchestration.monitoring import aftermath
from orchestration.monitoring.alerts import dispatch, state
from orchestration.monitoring.alerts.channels import ChannelError, Message, send, signed
from orchestration.monitoring.alerts.model import Alert
from orchestration.monitoring.alerts.settings import (
    TEMPLATE,
    AlertSettingsError,
    EmailChannel,
    WebhookChannel,
    load_settings,
    write_template,
)
from orchestration.monitoring.health import examine
from orchestration.monitoring.model import HealthReport, LoadOutcome, Result
from sources.contracts import load_contracts
from warehouse.home.layout import Home
from warehouse.publication.manifest import BuildInfo, PublicationManifest


@dataclass
class Hook:
    """A webhook on loopback: what it received, and how it responds."""

    url: str
    server: ThreadingHTTPServer
    answer: dict[str, Any] = field(default_factory=lambda: {"errcode": 0, "errmsg": "ok"})
    status: int = 200
    location: str | None = None
    received: list[tuple[str, Any]] = field(default_factory=list)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.append((self.path, json.loads(body)))
            content = json.dumps(hook.answer).encode()
            self.send_response(hook.status)
            self.send_header("Content-Length", str(len(content)))
            if hook.location:
                self.send_header("Location", hook.location)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook = Hook(f"http://127.0.0.1:{server.server_port}/send?key=s3cret", server)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield hook
    server.shutdown()
    server.server_close()


@dataclass
class Sink:
    """An SMTP server on loopback: the mails that it received."""

    port: int = 0
    mails: list[Any] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append((envelope, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 taken"


@pytest.fixture
def smtp() -> Iterator[Sink]:
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        sink.port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    yield sink
    controller.stop()


def settings(home: Home, text: str) -> None:
    home.alert_settings.write_text(text, encoding="utf-8")


def loaded(
    home: Home, result: Result, number: int, problems: tuple[str, ...] = ("transform: disk full",)
) -> None:
    """Record the outcome of a load and do what follows it."""
    moment = f"2026-11-{number:02d}T18:05:00+00:00"
    outcome = LoadOutcome(
        f"run{number}-0000", "nightly", result, moment, moment, 40.0, "test", problems
    )
    aftermath.conclude(home, outcome)


def sent(hook: Hook) -> list[str]:
    return [body["markdown"]["content"] for _, body in hook.received]


def test_a_failed_load_is_sent_once_and_its_recovery_once(empty_home: Home, hook: Hook) -> None:
    settings(empty_home, f"channels: {{群: {{type: wecom, url: '{hook.url}'}}}}")
    loaded(empty_home, "failed", 1)
    loaded(empty_home, "failed", 2)
    aftermath.review(empty_home)
    [only] = sent(hook)
    assert "装载失败" in only
    assert "disk full" in only
    loaded(empty_home, "refused", 3, ("marts/findings: balance_broken: x=1",))
    loaded(empty_home, "refused", 4, ("marts/findings: balance_broken: x=2",))
    loaded(empty_home, "refused", 5, ("marts/findings: balance_broken", "marts/a: other"))
    assert len(sent(hook)) == 3, "the same failure is sent once, another check is another alert"
    loaded(empty_home, "published", 6)
    loaded(empty_home, "published", 7)
    assert len(sent(hook)) == 4
    assert "恢复正常" in sent(hook)[-1]
    loaded(empty_home, "failed", 8)
    assert len(sent(hook)) == 5, "a problem that returns is sent again"


def test_a_failing_channel_receives_its_alerts_later_and_stops_no_other(
    empty_home: Home, hook: Hook, smtp: Sink
) -> None:
    settings(
        empty_home,
        f"""
channels:
  群: {{type: wecom, url: '{hook.url}'}}
  邮件: {{type: email, host: 127.0.0.1, port: {smtp.port}, sender: eco@county.example,
         recipients: [a@county.example, b@county.example]}}
  日志: {{type: log}}
""",
    )
    hook.answer = {"errcode": 45009, "errmsg": "api freq out of limit"}
    loaded(empty_home, "failed", 1)
    [(envelope, mail)] = smtp.mails
    assert envelope.rcpt_tos == ["a@county.example", "b@county.example"]
    assert "装载 1 项" in mail["Subject"]
    assert "disk full" in mail.get_content()
    written = json.loads((empty_home.health / "health.json").read_text("utf-8"))
    assert "45009" in written["alerts"]["群"]["error"]
    assert "alerts_failing" in {reason["code"] for reason in written["reasons"]}
    assert 'eco_alert_channel_failing{channel="群"} 1.0' in prometheus(empty_home)
    hook.answer = {"errcode": 0}
    aftermath.review(empty_home)
    aftermath.review(empty_home)
    assert len(hook.received) == 2, "one failed attempt, one repetition"
    assert len(smtp.mails) == 1
    log = (empty_home.logs / "alerts.log").read_text("utf-8").splitlines()
    assert len(log) == 1
    assert state.channels(empty_home)["群"].error is None


def prometheus(home: Home) -> str:
    return (home.health / "eco.prom").read_text("utf-8")


def publish_rows(
    home: Home, *, findings: list[tuple], late: list[tuple], as_of: str | None = None
) -> None:
    """Write a published file with the tables that alerts and health report read."""
    home.database.parent.mkdir(exist_ok=True)
    home.database.unlink(missing_ok=True)
    manifest = PublicationManifest(
        "20261125T000000000000Z", "2026-11-25T00:00:00+00:00", "1.0.0", BuildInfo(as_of=as_of)
    )
    with duckdb.connect(str(home.database)) as connection:
        connection.execute("create schema marts; create schema meta")
        connection.execute(
            "create table meta.publication as select ? as manifest", [manifest.to_json()]
        )
        connection.execute(
            "create table marts.findings (finding_id text, severity text, severity_zh text, "
            "state text, detail_zh text, department text, department_zh text)"
        )
        connection.execute(
            "create table marts.department_scorecard (department text, department_zh text, "
            "dataset text, dataset_zh text, period text, due_on date, received_on date)"
        )
        for table, rows in (("findings", findings), ("department_scorecard", late)):
            for row in rows:
                connection.execute(
                    f"insert into marts.{table} values ({', '.join('?' * len(row))})", row
                )


CRITICAL = ("f1", "critical", "强制性", "new", "总量对不上", "forestry", "林业局")
VERIFY = ("f2", "verify", "核实性", "new", "跳变", "ecology", "分局")
LATE = ("forestry", "林业局", "forest_pests", "林草有害生物", "2025", "2026-02-14", None)
CAME = ("forestry", "林业局", "forest_pests", "林草有害生物", "2024", "2025-02-14", "2025-03-01")


def test_findings_and_overdue_submissions_go_to_the_channels_of_their_department(
    empty_home: Home, hook: Hook
) -> None:
    publish_rows(empty_home, findings=[CRITICAL, VERIFY], late=[LATE, CAME])
    settings(
        empty_home,
        f"""
link: http://report.example/
channels:
  全部: {{type: webhook, url: '{hook.url}'}}
  林业: {{type: webhook, url: '{hook.url}&to=f', departments: [forestry], kinds: [overdue]}}
  农业: {{type: webhook, url: '{hook.url}&to=a', departments: [agriculture]}}
""",
    )
    loaded(empty_home, "failed", 0)  # of no department: only the first channel receives it
    assert [p for p, _ in hook.received if "to=" in p] == []
    hook.received.clear()
    loaded(empty_home, "published", 1)
    [(_, everything), (path, forestry)] = [(p, b) for p, b in hook.received if "to=a" not in p]
    ids = {alert["id"] for alert in everything["alerts"]} - {"system:publication_overdue"}
    assert ids == {"finding:f1", "overdue:forestry:forest_pests:2025"}
    assert path.endswith("to=f")
    assert [alert["id"] for alert in forestry["alerts"]] == ["overdue:forestry:forest_pests:2025"]
    assert "林草有害生物 2025（应于 2026-02-14 前报送" in forestry["text"]
    assert "http://report.example/" in forestry["text"]
    assert not [p for p, _ in hook.received if "to=a" in p], "no alert of that department"
    before = len(hook.received)
    # A failed load resolves nothing; a successful one does, and a problem that returns is new.
    publish_rows(empty_home, findings=[], late=[])
    loaded(empty_home, "failed", 2)
    assert "finding:f1" in state.read(empty_home).standing
    loaded(empty_home, "published", 3)
    assert not {"finding:f1", "overdue:forestry:forest_pests:2025"} & set(
        state.read(empty_home).standing
    )
    publish_rows(empty_home, findings=[CRITICAL], late=[])
    loaded(empty_home, "published", 4)
    again = [a["id"] for _, b in hook.received[before:] for a in b["alerts"]]
    assert again.count("finding:f1") == 1


def test_a_file_to_be_mended_is_told_to_the_channel_that_asks_for_it(
    empty_home: Home, hook: Hook
) -> None:
    """Once, and no longer when a corrected file was accepted; other channels are not bothered."""
    publish_rows(empty_home, findings=[], late=[])
    settings(
        empty_home,
        f"""
channels:
  全部: {{type: webhook, url: '{hook.url}'}}
  林业: {{type: webhook, url: '{hook.url}&to=f', departments: [forestry], kinds: [returned]}}
""",
    )
    bad, good = (
        "年份,区域,森林覆盖率\n2021,全县,四十七\n2022,全县,47\n",
        "年份,区域,森林覆盖率\n2021,全县,47\n",
    )
    deliver(empty_home, "bad.csv", bad)
    aftermath.review(empty_home)
    aftermath.review(empty_home)
    [(path, sent)] = [(p, b) for p, b in hook.received if "需修改" in b["text"]]
    assert path.endswith("to=f")
    assert "“bad.csv”需修改：1 行没有入库" in sent["text"]
    assert [file.file_name for file in examine(empty_home).facts.returned] == ["bad.csv"]
    deliver(empty_home, "good.csv", good)
    assert examine(empty_home).facts.returned == ()
    deliver(empty_home, "letter.csv", "各位领导：\n请查收。\n")
    aftermath.review(empty_home)
    refused = [b for _, b in hook.received if "letter.csv" in b["text"]]
    assert len(refused) == 1


def deliver(home: Home, name: str, content: str) -> None:
    (home.department("forestry") / name).write_text(content, encoding="utf-8")
    Intake(home, load_contracts(), "test").run(settle_seconds=0)


def test_dingtalk_messages_are_signed(hook: Hook, empty_home: Home) -> None:
    channel = WebhookChannel(type="dingtalk", url=hook.url, secret="SECabc")
    alert = Alert("x", "load", "装载失败")
    send(empty_home, channel, Message([alert]))
    [(path, body)] = hook.received
    query = parse_qs(urlsplit(path).query)
    moment = int(query["timestamp"][0])
    assert signed("http://h/", "SECabc", moment).endswith(path.partition("&sign=")[2])
    assert body["msgtype"] == "markdown"
    assert "装载" in body["markdown"]["title"]
    assert "装载失败" in body["markdown"]["text"]
    # The value of an independent implementation (openssl dgst -sha256 -hmac).
    assert signed("http://h/?a=1", "SECabc", 1700000000000) == (
        "http://h/?a=1&timestamp=1700000000000&sign=" + OPENSSL
    )


OPENSSL = "jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM%3D"


def test_a_long_message_is_cut_for_wecom_and_stays_whole_text(hook: Hook) -> None:
    alerts = [
        Alert(f"overdue:{n}", "overdue", "某数据集" * 20, f"d{n}", f"部门{n}") for n in range(50)
    ]
    text = Message(alerts, "http://report.example/").markdown(4096)
    assert len(text.encode()) <= 4096
    assert "余下从略" in text
    assert text.endswith("[查看](http://report.example/)")
    many = Message([Alert(f"o{n}", "overdue", f"第{n}", "d", "部门") for n in range(30)]).text()
    assert "另有 10 项" in many


@pytest.mark.parametrize("trouble", ["status 500", "unreachable", "no JSON"])
def test_errors_contain_no_secret(hook: Hook, empty_home: Home, trouble: str) -> None:
    channel = WebhookChannel(type="wecom", url=hook.url)
    if trouble == "status 500":
        hook.status = 500
    elif trouble == "unreachable":
        channel = WebhookChannel(type="wecom", url="http://127.0.0.1:9/send?key=s3cret")
    else:
        hook.answer = []  # type: ignore[assignment]
    with pytest.raises(ChannelError) as caught:
        send(empty_home, channel, Message([Alert("x", "load", "装载失败")]))
    assert "s3cret" not in str(caught.value)


def test_an_unreachable_mail_server_is_a_channel_error(empty_home: Home) -> None:
    channel = EmailChannel(
        type="email", host="127.0.0.1", port=9, sender="a@b.c", recipients=("d@e.f",)
    )
    with pytest.raises(ChannelError):
        send(empty_home, channel, Message([Alert("x", "load", "装载失败")]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("channels: {a: {type: wecom}}", "channels.a.wecom.url: Field required"),
        ("channels: {a: {type: pigeon}}", "channels.a"),
        ("channels: {a: {type: log, departments: [moon]}}", "['moon'] are none of"),
        (
            "channels: {a: {type: log, departments: [forestry], kinds: [load, edition]}}",
            "no alert is about a department of",
        ),
        ("channels: {a: {type: webhook, url: '${ECO_NOT_SET}'}}", "ECO_NOT_SET is not set"),
        ("channels: [", "cannot be read as YAML"),
        ("chanels: {}", "chanels"),
    ],
)
def test_wrong_settings_name_file_and_place_and_stop_no_load(
    empty_home: Home, text: str, message: str
) -> None:
    settings(empty_home, text)
    with pytest.raises(AlertSettingsError) as caught:
        load_settings(empty_home)
    assert str(empty_home.alert_settings) in str(caught.value)
    assert message in str(caught.value)
    loaded(empty_home, "failed", 1)
    health = json.loads((empty_home.health / "health.json").read_text("utf-8"))
    assert message in health["alerts"][dispatch.SETTINGS_PROBLEM]["error"]
    settings(empty_home, TEMPLATE)
    aftermath.review(empty_home)
    assert "装载失败" in (empty_home.logs / "alerts.log").read_text("utf-8")


def test_the_template_with_its_examples_is_valid(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_template(empty_home)
    assert list(load_settings(empty_home).channels) == ["日志"]
    for name in ("SMTP_PASSWORD", "WECOM_KEY", "DINGTALK_TOKEN", "DINGTALK_SECRET"):
        monkeypatch.setenv(f"ECO_{name}", "secret")
    begin = TEMPLATE.index("channels:")
    whole = TEMPLATE[:begin].replace("# link", "link") + TEMPLATE[begin:].replace("\n  # ", "\n  ")
    settings(empty_home, whole)
    found = load_settings(empty_home)
    assert [channel.type for channel in found.channels.values()] == [
        *("log", "email", "email", "wecom", "dingtalk", "webhook")
    ]
    assert found.channels["邮件"].password == "secret"
    assert Path(empty_home.alert_settings).stat().st_mode & 0o007 == 0


def test_a_home_is_examined_once_at_the_end_of_a_load(
    empty_home: Home, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(empty_home, f"channels: {{群: {{type: wecom, url: '{hook.url}'}}}}")
    hook.answer = {"errcode": 45009}
    calls: list[Home] = []

    def counted(home: Home) -> HealthReport:
        calls.append(home)
        return examine(home)

    monkeypatch.setattr(aftermath, "examine", counted)
    loaded(empty_home, "failed", 1)
    assert calls == [empty_home]
    health = json.loads((empty_home.health / "health.json").read_text("utf-8"))
    assert "45009" in health["alerts"]["群"]["error"], "the state after sending is written"
    assert "alerts_failing" in {reason["code"] for reason in health["reasons"]}


def test_alerts_that_cannot_be_sent_do_not_stop_the_health_files(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(aftermath, "send_pending", fails)
    loaded(empty_home, "failed", 1)
    assert json.loads((empty_home.health / "health.json").read_text("utf-8"))["state"] == "critical"
    assert "alerts: OSError: disk full" in caplog.text


def test_secrets_come_from_files_and_a_missing_one_is_named(
    empty_home: Home, tmp_path: Path
) -> None:
    secret = tmp_path / "robot"
    secret.write_text("s3cret-key\n", encoding="utf-8")
    settings(
        empty_home,
        f"channels: {{群: {{type: wecom, url: 'https://h.example/send?key=${{file:{secret}}}'}}}}",
    )
    channel = load_settings(empty_home).channels["群"]
    assert isinstance(channel, WebhookChannel)
    assert channel.url == "https://h.example/send?key=s3cret-key"
    secret.unlink()
    with pytest.raises(AlertSettingsError, match=r"channels\.群\.url: .*robot cannot be read"):
        load_settings(empty_home)


@pytest.mark.parametrize(
    ("channel", "problem"),
    [
        ("type: wecom, url: 'http://h.example/?key=k'", "begins with https://"),
        ("type: wecom, url: 'http://h.example/?key=k', without_tls: true", "begins with https://"),
        ("type: webhook, url: 'http://10.0.0.9/alerts'", "without_tls: true"),
        (
            "type: email, host: mail.example, sender: a@b.c, recipients: [d@e.f], user: u, "
            "password: p",
            "starttls or tls",
        ),
    ],
)
def test_what_is_secret_is_sent_encrypted_alone(
    empty_home: Home, channel: str, problem: str
) -> None:
    settings(empty_home, f"channels: {{a: {{{channel}}}}}")
    with pytest.raises(AlertSettingsError, match=problem):
        load_settings(empty_home)


def _certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Write a certificate that signs itself; return the paths of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(
    ("host", "ca_known", "sent"),
    [("localhost", True, True), ("localhost", False, False), ("other.example", True, False)],
    ids=["a known certificate", "an unknown one", "one of another host"],
)
def test_a_webhooks_certificate_is_verified(
    hook: Hook, empty_home: Home, tmp_path: Path, host: str, ca_known: bool, sent: bool
) -> None:
    certificate, key = _certificate(tmp_path, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    hook.server.socket = context.wrap_socket(hook.server.socket, server_side=True)
    channel = WebhookChannel(
        type="wecom",
        url=f"https://localhost:{hook.server.server_port}/send?key=s3cret",
        ca_file=certificate if ca_known else None,
    )
    message = Message([Alert("x", "load", "装载失败")])
    if sent:
        send(empty_home, channel, message)
    else:
        with pytest.raises(ChannelError, match="certificate") as caught:
            send(empty_home, channel, message)
        assert "s3cret" not in str(caught.value)
    assert len(hook.received) == sent


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_webhooks_redirect_is_not_followed(hook: Hook, empty_home: Home, status: int) -> None:
    hook.status, hook.location = status, f"{hook.url}&again=1"
    channel = WebhookChannel(type="wecom", url=hook.url)
    with pytest.raises(ChannelError, match=f"redirects .status {status}"):
        send(empty_home, channel, Message([Alert("x", "load", "装载失败")]))
    assert [path for path, _ in hook.received] == ["/send?key=s3cret"]


def test_an_answer_that_repeats_the_key_is_masked(hook: Hook, empty_home: Home) -> None:
    hook.answer = {
        "errcode": 93000,
        "errmsg": "no robot s3cret at /hooks/T0PSECRET",
    }
    channel = WebhookChannel(type="wecom", url=hook.url.replace("/send", "/hooks/T0PSECRET/send"))
    with pytest.raises(ChannelError, match="93000") as caught:
        send(empty_home, channel, Message([Alert("x", "load", "装载失败")]))
    assert not {"s3cret", "T0PSECRET"} & {*re.findall(r"\w+", str(caught.value))}
