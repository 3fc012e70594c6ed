"""What is remembered of alerts: which are on, to whom each was told, how each channel does."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from orchestration.monitoring.alerts.model import Alert, Raised
from warehouse.home.files import write_text
from warehouse.home.layout import Home


@dataclass
class Entry:
    """An alert that is on: since when, and when it was told to which channel."""

    alert: Alert
    since: str
    sent: dict[str, str] = field(default_factory=dict)


@dataclass
class State:
    """`standing` are alerts of what is wrong, by id; `news` are told once and then forgotten."""

    standing: dict[str, Entry] = field(default_factory=dict)
    news: dict[str, Entry] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, raised: Raised, moment: str) -> list[Entry]:
        """Bring `standing` in line with what is wrong now; return what is no longer."""
        now = {alert.alert_id: alert for alert in raised.alerts}
        gone = [
            entry
            for identity, entry in self.standing.items()
            if entry.alert.kind in raised.judged and identity not in now
        ]
        for entry in gone:
            del self.standing[entry.alert.alert_id]
        for identity, alert in now.items():
            known = self.standing.get(identity)
            self.standing[identity] = (
                Entry(alert, known.since, known.sent) if known else Entry(alert, moment)
            )
        return gone

    def tell(self, alert: Alert, moment: str) -> None:
        """Have something told once."""
        self.news.setdefault(alert.alert_id, Entry(alert, moment))

    def entries(self) -> list[Entry]:
        """All that is on, news first."""
        return [*self.news.values(), *self.standing.values()]


def _entries(content: dict[str, Any]) -> dict[str, Entry]:
    return {
        identity: Entry(Alert(**entry["alert"]), entry["since"], entry["sent"])
        for identity, entry in content.items()
    }


def read(home: Home) -> State:
    """What a home remembers; nothing where a failing disk left no whole file of it."""
    try:
        content = json.loads(home.alerts.read_text(encoding="utf-8"))
        return State(
            _entries(content["standing"]), _entries(content["news"]), dict(content["channels"])
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return State()


def write(home: Home, state: State) -> None:
    """Remember it."""
    write_text(home.alerts, json.dumps(asdict(state), ensure_ascii=False, indent=1) + "\n")


def channels(home: Home) -> dict[str, dict[str, Any]]:
    """How each channel does: last_sent_at, and error with failing_since while it fails."""
    return read(home).channels
