"""The types of alerts."""

from dataclasses import dataclass, field

from orchestration.monitoring.alerts.settings import KINDS, Kind
from warehouse.home.records import JsonRecord


@dataclass(frozen=True)
class Alert(JsonRecord):
    """A problem or a piece of news. `alert_id` stays the same while the same problem lasts."""

    alert_id: str
    kind: Kind
    text_zh: str
    department: str | None = None
    department_zh: str | None = None

    @property
    def kind_zh(self) -> str:
        """Chinese name of the kind."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class CurrentAlerts:
    """The alerts of current problems, and the kinds that could be assessed.

    Alerts of a kind that is not `assessed` stay as they were: a failed load resolves no finding.
    """

    alerts: list[Alert] = field(default_factory=list)
    assessed: frozenset[Kind] = frozenset()
