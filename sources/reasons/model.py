"""The shape of a reason; the catalogue itself is in the modules beside this one."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["mandatory", "verify", "notice"]
Scope = Literal["file", "table", "column", "row", "cell"]

SEVERITY_ZH: dict[str, str] = {"mandatory": "强制性", "verify": "核实性", "notice": "提示性"}


@dataclass(frozen=True)
class Reason:
    """One reason: its short name, what is wrong (`problem_zh`), how to mend it (`remedy_zh`)."""

    code: str
    severity: Severity
    scope: Scope
    name_zh: str
    problem_zh: str
    remedy_zh: str

    @property
    def template_zh(self) -> str:
        """The whole sentence, placeholders unfilled."""
        return f"{self.problem_zh}；{self.remedy_zh}" if self.remedy_zh else self.problem_zh

    def text(self, **values: object) -> str:
        """Return the sentence with its placeholders filled. Raises KeyError for a missing one."""
        return self.template_zh.format(**values)
