"""The state of alerts (`state/alerts.json`): active alerts, what was sent, the channels' state."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from orchestration.monitoring.alerts.model import Alert, CurrentAlerts
from orchestration.monitoring.model import ChannelState
from warehouse.home import state
from warehouse.home.files import write_text
from warehouse.home.layout import Home
from warehouse.home.records import JsonRecord, mapping_of


@dataclass(frozen=True)
class Entry(JsonRecord):
    """An active alert: since when, and when it was sent, by channel."""

    parsers: ClassVar = {"alert": Alert.from_dict}

    alert: Alert
    since: str
    sent: Mapping[str, str] = field(default_factory=dict)


@dataclass
class State:
    """`standing` are alerts of current problems, `news` are sent once; both by alert_id."""

    standing: dict[str, Entry] = field(default_factory=dict)
    news: dict[str, Entry] = field(default_factory=dict)
    channels: dict[str, ChannelState] = field(default_factory=dict)

    def update(self, current: CurrentAlerts, moment: str) -> list[Entry]:
        """Replace `standing` by the current alerts; return the entries that are resolved.

        An alert that was active before keeps its time and what was sent.
        """
        alerts = {alert.alert_id: alert for alert in current.alerts}
        resolved = [
            entry
            for identity, entry in self.standing.items()
            if entry.alert.kind in current.assessed and identity not in alerts
        ]
        for entry in resolved:
            del self.standing[entry.alert.alert_id]
        for identity, alert in alerts.items():
            known = self.standing.get(identity, Entry(alert, moment))
            self.standing[identity] = replace(known, alert=alert)
        return resolved

    def add_news(self, alert: Alert, moment: str) -> None:
        """Add an alert that is sent once and then removed."""
        self.news.setdefault(alert.alert_id, Entry(alert, moment))

    def entries(self) -> list[Entry]:
        """Return all active alerts, news first."""
        return [*self.news.values(), *self.standing.values()]

    def mark_sent(self, entries: Iterable[Entry], channel: str, moment: str) -> None:
        """Note that alerts were sent to a channel."""
        for entry in entries:
            identity = entry.alert.alert_id
            group = self.news if identity in self.news else self.standing
            group[identity] = replace(entry, sent={**entry.sent, channel: moment})
        self.channels[channel] = ChannelState(last_sent_at=moment)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "State":
        """Return the state of a JSON object."""
        return cls(
            _entries(content["standing"]), _entries(content["news"]), _channels(content["channels"])
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the state as a JSON object."""
        return {
            "standing": {key: entry.to_dict() for key, entry in self.standing.items()},
            "news": {key: entry.to_dict() for key, entry in self.news.items()},
            "channels": {key: channel.to_dict() for key, channel in self.channels.items()},
        }


_entries = mapping_of(Entry)
_channels = mapping_of(ChannelState)


def read(home: Home) -> State:
    """Read a home's state; it is empty when there is none or it is damaged."""
    return state.read_json(home.state, home.alerts, State.from_dict) or State()


def write(home: Home, active: State) -> None:
    """Write a home's state."""
    write_text(home.alerts, json.dumps(active.to_dict(), ensure_ascii=False, indent=1) + "\n")


def channels(home: Home) -> Mapping[str, ChannelState]:
    """Return the state of each channel."""
    return read(home).channels
