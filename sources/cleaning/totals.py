"""合计 rows as control totals: does what the sender added up agree with the rows?"""

import polars as pl

from sources.cleaning.special import SUBTOTAL
from sources.contracts import Contract, Contracts
from sources.reading.raw import ROW_NUMBER

# Dimensions of amounts that add up; a rate or a concentration does not.
ADDITIVE = frozenset(
    {
        "area",
        "mass",
        "volume",
        "energy",
        "standard_coal",
        "money",
        "population",
        "households",
        "power",
        "flow",
        "count",
        "radioactive_sources",
    }
)
_ROUNDING = 0.005  # a total printed in fewer digits than its parts may differ by this share
_SLACK = 1e-9


def compare(
    rows: pl.DataFrame, totals: pl.DataFrame, contract: Contract, contracts: Contracts
) -> list[dict[str, object]]:
    """Compare control totals with the sums of the rows (accepted and rejected) above them.

    Returns one entry for each total row and field: line, label, field, title_zh, observed (as the
    sender has it), expected (the sum), matches. A subtotal may cover the rows since the total
    before it, a total all rows, those of its period, or those without the county's own row.
    """
    fields = [
        f
        for f in contract.fields
        if f.type in ("int", "float")
        and f.unit is not None
        and (unit := contracts.units.find(f.unit)) is not None
        and unit.dimension in ADDITIVE
    ]
    if not totals.height or not fields:
        return []
    county = [a.area for a in contracts.areas if a.kind == "county"]
    area = next((f.field for f in contract.key_fields if f.type == "area"), None)
    period = contract.period_field.field if contract.period_field else None
    compared: list[dict[str, object]] = []
    before = 0
    for total in totals.sort(ROW_NUMBER).iter_rows(named=True):
        line = total[ROW_NUMBER]
        above = rows.filter(pl.col(ROW_NUMBER) < line)
        block = above.filter(pl.col(ROW_NUMBER) > before)
        scopes = [block, above, rows]
        if period is not None and total[period] is not None:
            scopes += [s.filter(pl.col(period) == total[period]) for s in (above, rows)]
        if area is not None:
            scopes += [s.filter(~pl.col(area).is_in(county)) for s in tuple(scopes)]
        if SUBTOTAL not in (total["label"] or ""):
            scopes = [*scopes[1:], scopes[0]]
        for field in fields:
            observed = total[field.field]
            if observed is None:
                continue
            sums = [s[field.field].sum() for s in scopes if s[field.field].count()]
            matches = any(_equal(observed, float(s)) for s in sums)
            expected = next(
                (s for s in sums if _equal(observed, float(s))), sums[0] if sums else None
            )
            compared.append(
                {
                    "line": line,
                    "label": total["label"],
                    "field": field.field,
                    "title_zh": field.title_zh,
                    "observed": observed,
                    "expected": expected,
                    "matches": matches,
                }
            )
        before = line
    return compared


def _equal(observed: float, total: float) -> bool:
    return abs(observed - total) <= max(abs(total) * _SLACK, _SLACK) or _rounds_to(observed, total)


def _rounds_to(observed: float, total: float) -> bool:
    """Tell whether the total, rounded to the digits that the sender printed, is what is printed."""
    text = f"{observed:.15g}"
    if "e" in text or abs(observed - total) > abs(total) * _ROUNDING:
        return False
    digits = len(text.partition(".")[2])
    return abs(round(total, digits) - observed) <= _SLACK * max(1.0, abs(observed))
