"""Sending a message through a channel: log, e-mail, robots of 企业微信 and 钉钉, other webhooks.

Formats: 企业微信 developer.work.weixin.qq.com/document/path/99110 (markdown, 4096 bytes at most),
钉钉 open.dingtalk.com "自定义机器人" (markdown, 20000 bytes at most; 加签: HMAC-SHA256 over time
and secret). Both respond with status 200 and an `errcode`, 0 when the message was accepted.
"""

import base64
import hashlib
import hmac
import logging
import re
import smtplib
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from itertools import groupby
from logging.handlers import RotatingFileHandler
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

from orchestration.monitoring.alerts.model import Alert
from orchestration.monitoring.alerts.settings import (
    Channel,
    EmailChannel,
    LogChannel,
    WebhookChannel,
)
from sources.contracts import load_contracts
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.layout import Home

TIMEOUT_SECONDS = 10
_BYTES = {"wecom": 4096, "dingtalk": 20000}
_LISTED = 20  # alerts of one kind and department that a message lists
_SIGNATURE = re.compile(r"(sign=)[^&\s'\")]+")
_SHORT = 6  # parts of an address up to this length are no secrets: send, api, v1


class ChannelError(RuntimeError):
    """A message could not be sent; the text contains no secret."""


@dataclass(frozen=True)
class Message:
    """The alerts that one channel receives on one occasion."""

    alerts: Sequence[Alert]
    link: str | None = None

    @property
    def title(self) -> str:
        """The number of alerts by kind."""
        kinds = dict.fromkeys(alert.kind_zh for alert in self.alerts)
        counts = {kind: sum(a.kind_zh == kind for a in self.alerts) for kind in kinds}
        summary = "、".join(f"{kind} {number} 项" for kind, number in counts.items())
        return f"【{load_contracts().county.name_zh}生态指标数据仓库】{summary}"

    def _sections(self) -> list[tuple[str, list[str]]]:
        def heading(alert: Alert) -> str:
            return " ".join(filter(None, [alert.kind_zh, alert.department_zh]))

        # Alerts come in order of severity; sections keep it.
        order = list(dict.fromkeys(map(heading, self.alerts)))
        by_heading = sorted(self.alerts, key=lambda alert: order.index(heading(alert)))
        sections = []
        for title, group in groupby(by_heading, key=heading):
            texts = [alert.text_zh for alert in group]
            lines = texts[:_LISTED]
            if len(texts) > _LISTED:
                lines.append(f"另有 {len(texts) - _LISTED} 项")
            sections.append((title, lines))
        return sections

    def text(self) -> str:
        """Return the message as plain text."""
        parts = [f"{title}\n" + "\n".join(f"- {t}" for t in ts) for title, ts in self._sections()]
        return "\n\n".join([*parts, *([self.link] if self.link else [])]) + "\n"

    def markdown(self, limit: int) -> str:
        """Return the message as the robots' markdown, cut to `limit` bytes of UTF-8."""
        lines = [f"### {self.title}"]
        for title, texts in self._sections():
            lines += ["", f"**{title}**", *(f"> {text}" for text in texts)]
        end = f"\n\n[查看]({self.link})" if self.link else ""
        more = "\n\n（内容过长，余下从略）"
        whole = "\n".join(lines)
        if len((whole + end).encode()) > limit:
            room = limit - len((more + end).encode())
            whole = whole.encode()[:room].decode(errors="ignore") + more
        return whole + end


def send(home: Home, channel: Channel, message: Message) -> None:
    """Send a message. Raises ChannelError."""
    try:
        if isinstance(channel, LogChannel):
            _log(home, message)
        elif isinstance(channel, EmailChannel):
            _mail(channel, message)
        else:
            _post(channel, message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # requests' exceptions are OSErrors; they name the address with the robot's key.
        raise ChannelError(_masked(channel, f"{type(error).__name__}: {error}")) from None
    except _Refused as error:
        raise ChannelError(_masked(channel, str(error))) from None


class _Refused(Exception):
    """The server did not accept a message; the text may repeat what was sent."""


def _masked(channel: Channel, text: str) -> str:
    """Return a text on one line without the secrets of a channel, at most 300 characters."""
    for secret in sorted(_secrets(channel), key=len, reverse=True):
        text = text.replace(secret, "***")
    return " ".join(_SIGNATURE.sub(r"\1***", text).split())[:300]


def _secrets(channel: Channel) -> set[str]:
    """Return what must not be shown: passwords, and the parts of an address behind its host."""
    if isinstance(channel, EmailChannel):
        return {channel.password} if channel.password else set()
    if isinstance(channel, LogChannel):
        return set()
    address = urlsplit(channel.url)
    queried = {value for _, value in parse_qsl(address.query)}
    parts = {part for part in address.path.split("/") if len(part) > _SHORT}
    given = (*queried, channel.secret or "", address.password or "")
    values = {value for value in given if len(value) > _SHORT // 2}
    return values | parts | {quote_plus(value) for value in values}


def _log(home: Home, message: Message) -> None:
    home.logs.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        home.logs / "alerts.log", maxBytes=5_000_000, backupCount=5, encoding="utf-8"
    )
    now = f"{datetime.now(COUNTY_ZONE):%Y-%m-%d %H:%M:%S%z}"
    try:
        for alert in message.alerts:
            subject = " ".join(filter(None, [alert.kind_zh, alert.department_zh]))
            text = " ".join(alert.text_zh.split())
            handler.emit(logging.makeLogRecord({"msg": f"{now} [{subject}] {text}"}))
    finally:
        handler.close()


def _mail(channel: EmailChannel, message: Message) -> None:
    mail = EmailMessage()
    mail["Subject"] = message.title
    mail["From"] = channel.sender
    mail["To"] = ", ".join(channel.recipients)
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = make_msgid(domain=channel.sender.rpartition("@")[2])
    mail.set_content(message.text())
    context = ssl.create_default_context() if channel.security != "none" else None
    with _smtp(channel, context) as server:
        if channel.security == "starttls":
            server.starttls(context=context)
        if channel.user is not None and channel.password is not None:
            server.login(channel.user, channel.password)
        server.send_message(mail)


def _smtp(channel: EmailChannel, context: ssl.SSLContext | None) -> smtplib.SMTP:
    if channel.security == "tls":
        return smtplib.SMTP_SSL(
            channel.host, channel.port, timeout=TIMEOUT_SECONDS, context=context
        )
    return smtplib.SMTP(channel.host, channel.port, timeout=TIMEOUT_SECONDS)


def signed(url: str, secret: str, milliseconds: int) -> str:
    """Return an address of 钉钉 with time and signature, as its 加签 requires."""
    text = f"{milliseconds}\n{secret}".encode()
    code = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest())
    sign = "&" if "?" in url else "?"
    return f"{url}{sign}timestamp={milliseconds}&sign={quote_plus(code)}"


def _post(channel: WebhookChannel, message: Message) -> None:
    import requests

    url, body = channel.url, _body(channel, message)
    if channel.secret is not None:
        url = signed(url, channel.secret, int(time.time() * 1000))
    response = requests.post(
        url,
        json=body,
        timeout=TIMEOUT_SECONDS,
        verify=True if channel.ca_file is None else str(channel.ca_file),
        allow_redirects=False,  # the message would go to a server that nobody entered
    )
    if 300 <= response.status_code < 400:
        raise _Refused(
            f"the server redirects (status {response.status_code}), which is not followed; enter "
            "the address itself"
        )
    if response.status_code >= 400:
        raise _Refused(f"the server responded with status {response.status_code}")
    if channel.type != "webhook":
        content = response.json()
        if not isinstance(content, dict) or content.get("errcode") != 0:
            raise _Refused(f"refused: {content}")


def _body(channel: WebhookChannel, message: Message) -> dict[str, Any]:
    if channel.type == "wecom":
        text = message.markdown(_BYTES["wecom"])
        return {"msgtype": "markdown", "markdown": {"content": text}}
    if channel.type == "dingtalk":
        text = message.markdown(_BYTES["dingtalk"])
        return {"msgtype": "markdown", "markdown": {"title": message.title, "text": text}}
    return {
        "title": message.title,
        "text": message.text(),
        "alerts": [
            {
                "id": alert.alert_id,
                "kind": alert.kind,
                "department": alert.department,
                "text": alert.text_zh,
            }
            for alert in message.alerts
        ],
    }
