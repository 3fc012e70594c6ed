"""Every reason that intake can give: its code, its severity and its words.

A reason is declared here once; cleaning, refusing, receipts, marked spreadsheets and documents
take code, severity and Chinese text from this catalogue. `{...}` in a text is filled by whoever
raises it. Severities are those of China's statistical reporting: 强制性 (mandatory) rejects,
核实性 (verify) accepts and asks for an explanation, 提示性 (notice) only informs.
"""

from sources.reasons import of_files, of_layout, of_notes, of_rows, of_tables
from sources.reasons.model import SEVERITY_ZH, Reason, Scope, Severity
from sources.reasons.of_tables import UNIT_PROBLEMS

__all__ = ["REASONS", "SEVERITY_ZH", "UNIT_PROBLEMS", "Reason", "Scope", "Severity", "finding"]

REASONS: dict[str, Reason] = {
    reason.code: reason
    for catalogue in (of_files, of_layout, of_tables, of_rows, of_notes)
    for reason in catalogue.REASONS
}


def finding(code: str, line: int | None = None, **values: object) -> dict[str, object]:
    """Return a reason as a receipt lists it: code, severity, line (or None) and Chinese text."""
    reason = REASONS[code]
    return {
        "code": code,
        "severity": reason.severity,
        "line": line,
        "message_zh": reason.text(line=line, **values),
    }
