"""What an alert is."""

from dataclasses import dataclass, field

from orchestration.monitoring.alerts.settings import KINDS, Kind


@dataclass(frozen=True)
class Alert:
    """One thing that is wrong, or that people are to know."""

    alert_id: str
    kind: Kind
    text_zh: str
    department: str | None = None
    department_zh: str | None = None

    @property
    def kind_zh(self) -> str:
        """What it is called."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Raised:
    """All that is wrong, and the kinds of which that can be said now.

    A kind that is not `judged` stays as it was: a failed load does not mend a finding.
    """

    alerts: list[Alert] = field(default_factory=list)
    judged: frozenset[Kind] = frozenset()
