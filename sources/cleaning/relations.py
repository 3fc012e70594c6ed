"""Questions about numbers and days of a row, and rows of a file, that contradict each other.

What is compared is declared by the contract (`checks:`), with the tolerance of its finding rule: a
load would find the same. Rows are accepted; the sender is asked to verify them.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from sources.contracts import Contract, Contracts
from sources.contracts.checked import checked, days_in_order
from sources.contracts.checks import Relation, Term
from sources.contracts.model import TOTAL_LABELS, Field
from sources.contracts.rule_bounds import tolerances
from sources.contracts.stored_rows import DELETE
from sources.reading.raw import ROW_NUMBER
from sources.reasons import finding

LISTED = 20  # questions of one kind
_DIGITS = 9  # beyond, a difference is noise of binary fractions
_AREA_RULE, _PART_RULE = "county_differs_from_townships", "total_differs_from_parts"


def relation_findings(
    accepted: pl.DataFrame, contract: Contract, contracts: Contracts
) -> Iterator[dict[str, Any]]:
    """Yield a finding for each contradiction in the accepted rows of a table."""
    rows = accepted.filter(pl.col("operation") != DELETE)
    if not rows.height:
        return
    declared = checked(contract)
    for relation in declared.relations:
        yield from _of_relation(rows, relation, contract)
    for earlier, later in days_in_order(contract, contracts.archetypes):
        yield from _of_days(rows, earlier, later)
    if declared.area_total is not None:
        areas = contracts.areas
        county = [area.area for area in areas if area.kind == "county"]
        yield from _of_totals(
            rows, contract, declared.area_total, county, areas.townships, _AREA_RULE
        )
    if declared.part_total is not None:
        yield from _of_totals(
            rows, contract, declared.part_total, sorted(TOTAL_LABELS), None, _PART_RULE
        )


def _of_relation(
    rows: pl.DataFrame, relation: Relation, contract: Contract
) -> Iterator[dict[str, Any]]:
    sides = relation.sides
    difference = pl.col("left") - pl.col("right")
    if sides.sense == "=":
        difference = difference.abs()
    allowed = tolerances()[relation.rule] / 100 * pl.col("right").abs()
    broken = rows.select(ROW_NUMBER, left=_sum(sides.left), right=_sum(sides.right)).filter(
        (difference - allowed).round(_DIGITS) > 0
    )
    code = "sides_differ" if sides.sense == "=" else "part_exceeds_whole"
    for line, left, right in broken.head(LISTED).iter_rows():
        yield finding(
            code,
            line=line,
            left=_titles(sides.left, contract),
            left_value=_number(left),
            right=_titles(sides.right, contract),
            right_value=_number(right),
        )
    if broken.height > LISTED:
        yield finding(
            "more_contradictions",
            left=_titles(sides.left, contract),
            right=_titles(sides.right, contract),
            count=broken.height - LISTED,
        )


def _of_days(rows: pl.DataFrame, earlier: Field, later: Field) -> Iterator[dict[str, Any]]:
    """Yield a finding for each row with a day before the one that it follows."""
    exact = earlier.type == later.type == "datetime"
    first, second = (
        pl.col(f.field) if exact else pl.col(f.field).cast(pl.Date) for f in (earlier, later)
    )
    broken = rows.select(ROW_NUMBER, first=first, second=second).filter(
        pl.col("second") < pl.col("first")
    )
    left, right = f"“{later.title_zh}”", f"“{earlier.title_zh}”"
    for line, day, before in broken.head(LISTED).iter_rows():
        yield finding(
            "days_out_of_order",
            line=line,
            left=left,
            left_value=before,
            right=right,
            right_value=day,
        )
    if broken.height > LISTED:
        count = broken.height - LISTED
        yield finding("more_contradictions", left=left, right=right, count=count)


def _sum(terms: Sequence[Term]) -> pl.Expr:
    """Return the sum of some fields; null where one is missing that is not optional."""
    parts = [
        pl.col(term.field).cast(pl.Float64).fill_null(0)
        if term.optional
        else pl.col(term.field).cast(pl.Float64)
        for term in terms
    ]
    return sum(parts[1:], start=parts[0])


def _titles(terms: Sequence[Term], contract: Contract) -> str:
    return " + ".join(f"“{contract.field(term.field).title_zh}”" for term in terms)


def _number(value: float) -> str:
    return f"{value:.12g}"


def _of_totals(
    rows: pl.DataFrame,
    contract: Contract,
    split: Field,
    totals: Sequence[str],
    parts: Sequence[str] | None,
    rule: str,
) -> Iterator[dict[str, Any]]:
    """Yield a finding for each amount of which a total and its parts differ in one file.

    `totals` are the values of the key field `split` that name a total, `parts` all values that make
    it up; where some of these are missing in the file, only a sum above the total is a
    contradiction. None: all other values are the parts.
    """
    others = [f.field for f in contract.key_fields if f is not split]
    amounts = [f for f in contract.fields if f.adds_up]
    is_total = pl.col(split.field).is_in(list(totals))
    is_part = ~is_total if parts is None else pl.col(split.field).is_in(list(parts))
    grouped = rows.group_by(others, maintain_order=True).agg(
        pl.col(ROW_NUMBER).filter(is_total).first().alias("line"),
        *(
            getattr(_amounts(f).filter(which), how)().alias(f"{f.field}_{name}")
            for f in amounts
            for which, name, how in (
                (is_total, "total", "sum"),
                (is_part, "sum", "sum"),
                (is_total, "totals", "count"),
                (is_part, "counted", "count"),
            )
        ),
    )
    for field in amounts:
        total, summed = pl.col(f"{field.field}_total"), pl.col(f"{field.field}_sum")
        allowed = tolerances()[rule] / 100 * total.abs()
        over = (summed - total - allowed).round(_DIGITS) > 0
        under = (total - summed - allowed).round(_DIGITS) > 0
        if parts is not None:
            whole = pl.col(f"{field.field}_counted") == len(parts)
            under = under & whole
        differing = grouped.filter(
            (pl.col(f"{field.field}_totals") > 0)
            & (pl.col(f"{field.field}_counted") > 0)
            & (over | under)
        ).select("line", total, summed)
        for line, observed, expected in differing.head(LISTED).iter_rows():
            yield finding(
                "total_and_parts",
                line=line,
                title=field.title_zh,
                split=split.title_zh,
                observed=_number(observed),
                expected=_number(expected),
            )


def _amounts(field: Field) -> pl.Expr:
    return pl.col(field.field).cast(pl.Float64)
