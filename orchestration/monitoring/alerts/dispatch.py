"""Telling each channel what it has not been told yet."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from orchestration.monitoring.alerts import state as memory
from orchestration.monitoring.alerts.channels import ChannelError, Message, send
from orchestration.monitoring.alerts.model import Alert
from orchestration.monitoring.alerts.raised import raised
from orchestration.monitoring.alerts.settings import AlertSettings, load_settings
from orchestration.monitoring.alerts.state import State
from warehouse.home.layout import Home

# Below the state's `channels`, where no channel can be called so.
SETTINGS_PROBLEM = "alerts.yml"
_LOCK = "alerts"


def dispatch(
    home: Home,
    picture: dict[str, Any],
    news: Iterable[Alert] = (),
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Find out what is wrong, and tell it where it has not been told.

    `picture` is the health report, `news` what is to be told once beside it. A channel that fails
    keeps its turn for the next time; when alerts.yml cannot be used, everything waits. Both are
    noted in the state, and so in the next health report.
    """
    now = datetime.now(UTC)
    moment = now.isoformat(timespec="seconds")
    with home.lock(_LOCK, wait_seconds=60):
        state = memory.read(home)
        try:
            settings = load_settings(home)
        except ValueError as error:
            state.channels[SETTINGS_PROBLEM] = {"error": str(error), "failing_since": moment}
            say(f"alerts: {error}")
            settings = None
        severities = settings.finding_severities if settings else ("critical",)
        gone = state.take(raised(home, picture, severities, now), moment)
        for entry in gone:
            if entry.alert.kind == "load" and entry.sent and not _still(state, "load"):
                state.tell(Alert(f"recovered:{moment}", "load", "装载恢复正常"), moment)
        for alert in news:
            state.tell(alert, moment)
        memory.write(home, state)
        if settings is not None:
            _send(home, settings, state, moment, say)
            memory.write(home, state)


def _still(state: State, kind: str) -> bool:
    return any(entry.alert.kind == kind for entry in state.standing.values())


def _send(
    home: Home,
    settings: AlertSettings,
    state: State,
    moment: str,
    say: Callable[[str], None],
) -> None:
    state.channels = {name: state.channels.get(name, {}) for name in settings.channels}
    for name, channel in settings.channels.items():
        waiting = [
            entry
            for entry in state.entries()
            if name not in entry.sent and channel.wants(entry.alert.kind, entry.alert.department)
        ]
        if not waiting:
            continue
        try:
            send(home, channel, Message([entry.alert for entry in waiting], settings.link))
        except ChannelError as error:
            since = state.channels[name].get("failing_since", moment)
            kept = {"last_sent_at": state.channels[name].get("last_sent_at")}
            state.channels[name] = {**kept, "error": str(error), "failing_since": since}
            say(f"alerts: {name}: {len(waiting)} alert(s) wait for the next time: {error}")
            continue
        for entry in waiting:
            entry.sent[name] = moment
        state.channels[name] = {"last_sent_at": moment}
        memory.write(home, state)  # what was told is not told again, whatever comes next
        say(f"alerts: {name}: {len(waiting)} told")
    state.news = {
        identity: entry
        for identity, entry in state.news.items()
        if any(
            name not in entry.sent and channel.wants(entry.alert.kind, entry.alert.department)
            for name, channel in settings.channels.items()
        )
    }


def try_out(home: Home) -> dict[str, str | None]:
    """Send a message to every channel; what went wrong by channel, None where nothing did.

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
