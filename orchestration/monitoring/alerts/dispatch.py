"""Sending pending alerts: to each channel those that it wants and has not received yet."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from orchestration.monitoring.alerts import state as alert_state
from orchestration.monitoring.alerts.channels import ChannelError, Message, send
from orchestration.monitoring.alerts.current import current_alerts
from orchestration.monitoring.alerts.model import Alert
from orchestration.monitoring.alerts.settings import (
    AlertSettings,
    AlertSettingsError,
    Channel,
    Kind,
    load_settings,
)
from orchestration.monitoring.alerts.state import Entry, State
from orchestration.monitoring.model import ChannelState, HealthReport
from warehouse.home.layout import Home

# Key of an alerts.yml that cannot be used, among the states of the channels.
SETTINGS_PROBLEM = "alerts.yml"
_LOCK = "alerts"
_log = logging.getLogger(__name__)


def send_pending(
    home: Home, report: HealthReport, news: Iterable[Alert] = (), log: logging.Logger = _log
) -> Mapping[str, ChannelState]:
    """Update the active alerts from a health report and send what is pending.

    `news` are sent once beside the current problems. A channel that fails receives its alerts at
    the next occasion; while alerts.yml cannot be used, all alerts stay pending. Both are noted in
    the state of the channels, which is returned.
    """
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    with home.lock(_LOCK, wait_seconds=60):
        state = alert_state.read(home)
        try:
            settings = load_settings(home)
        except AlertSettingsError as error:
            state.channels[SETTINGS_PROBLEM] = ChannelState(error=str(error), failing_since=moment)
            log.error("alerts: %s", error)
            settings = None
        severities = settings.finding_severities if settings else ("critical",)
        resolved = state.update(current_alerts(home, report, severities), moment)
        failed_before = any(entry.alert.kind == "load" and entry.sent for entry in resolved)
        if failed_before and not _active(state, "load"):
            state.add_news(Alert(f"recovered:{moment}", "load", "装载恢复正常"), moment)
        for alert in news:
            state.add_news(alert, moment)
        alert_state.write(home, state)
        if settings is not None:
            _send_to_channels(home, settings, state, moment, log)
            alert_state.write(home, state)
        return state.channels


def _active(state: State, kind: Kind) -> bool:
    return any(entry.alert.kind == kind for entry in state.standing.values())


def _pending(entries: Iterable[Entry], name: str, channel: Channel) -> list[Entry]:
    """Return the entries that a channel wants and has not received."""
    return [
        entry
        for entry in entries
        if name not in entry.sent and channel.wants(entry.alert.kind, entry.alert.department)
    ]


def _send_to_channels(
    home: Home, settings: AlertSettings, state: State, moment: str, log: logging.Logger
) -> None:
    state.channels = {name: state.channels.get(name, ChannelState()) for name in settings.channels}
    for name, channel in settings.channels.items():
        pending = _pending(state.entries(), name, channel)
        if not pending:
            continue
        try:
            send(home, channel, Message([entry.alert for entry in pending], settings.link))
        except ChannelError as error:
            before = state.channels[name]
            state.channels[name] = replace(
                before, error=str(error), failing_since=before.failing_since or moment
            )
            log.warning("alerts: %s: %d alert(s) not sent: %s", name, len(pending), error)
            continue
        state.mark_sent(pending, name, moment)
        alert_state.write(home, state)  # a crash after this line sends nothing twice
        log.info("alerts: %s: %d alert(s) sent", name, len(pending))
    state.news = {
        identity: entry
        for identity, entry in state.news.items()
        if any(_pending([entry], name, channel) for name, channel in settings.channels.items())
    }


def send_test_messages(home: Home) -> dict[str, str | None]:
    """Send a test message to every channel; return the error by channel, None where it was sent.

    Raises AlertSettingsError.
    """
    settings = load_settings(home)
    test = Alert("test", "system", "这是一条测试消息，说明本渠道可以收到告警")
    results: dict[str, str | None] = {}
    for name, channel in settings.channels.items():
        try:
            send(home, channel, Message([test], settings.link))
            results[name] = None
        except ChannelError as error:
            results[name] = str(error)
    return results
