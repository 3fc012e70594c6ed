"""The refusal of a table that no contract fits: the nearest contracts and what differs."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from sources.reading.raw import HeadRow, Refusal
from sources.recognise.candidates import Candidate
from sources.recognise.headers import HeaderIndex, tidy

# How alike a header has to be to a title to be taken for it in a receipt (difflib's ratio), and in
# how many rows and columns and up to which length that is looked at.
_LIKELY = 0.6
_LOOKED_AT, _MOST_LIKELY, _LONGEST_LIKELY = 6, 40, 24


def near_miss(
    head: Sequence[HeadRow],
    candidates: Sequence[Candidate],
    index: HeaderIndex,
    department: str,
) -> Refusal:
    """Say which contracts a header comes nearest to, and what is missing or too much for each."""
    found = _nearest(head, candidates, index, department)
    text = "".join(_describe(candidate, alike) for candidate, alike in found[:3])
    return Refusal("unknown_dataset" if found else "no_header", nearest=text)


def _nearest(
    head: Sequence[HeadRow],
    candidates: Sequence[Candidate],
    index: HeaderIndex,
    department: str,
) -> list[tuple[Candidate, dict[int, str]]]:
    """Return the nearest candidate of each dataset that is near at all, the nearest first.

    Beside it, for headers that no field has, the title of the field that they are alike to.
    """
    best: dict[str, Candidate] = {}
    for c in candidates:
        known = best.get(c.contract.dataset)
        if known is None or _width(c) > _width(known):
            best[c.contract.dataset] = c
    near = {name: (c, _alike(c)) for name, c in best.items()}
    # A header of which no title is known, but which looks like one.
    for number, row in enumerate(head[:_LOOKED_AT]):
        texts = [re.sub(r"\s+", "", cell) for cell in row.cells[:_MOST_LIKELY]]
        if sum(bool(re.search(r"[^\W\d]", t)) for t in texts) * 2 <= sum(map(bool, texts)):
            continue
        for contract in index.contracts:
            c = Candidate(contract, number, number, {}, tuple(texts), {}, ())
            alike = _alike(c)
            nearer = near.get(contract.dataset)
            if nearer is None or len(alike) > len(nearer[0].matched) + len(nearer[1]):
                near[contract.dataset] = (c, alike)
    close = [
        (c, alike)
        for c, alike in near.values()
        if len(c.matched) + len(alike) > 1 or (c.matched and len(c.headers) == 1)
    ]
    return sorted(
        close,
        key=lambda pair: (
            -len(pair[0].matched) - len(pair[1]),
            department not in pair[0].contract.departments_allowed,
            len(pair[0].missing),
        ),
    )


def _width(candidate: Candidate) -> tuple[int, int, int]:
    # The same columns are found without the title rows above them too.
    return len(candidate.matched), candidate.first - candidate.last, -candidate.first


def _alike(candidate: Candidate) -> dict[int, str]:
    """Return for headers without a field, by position, the title that they are alike to."""
    taken = {p for places in candidate.matched.values() for _, p in places}
    fields = [f for f in candidate.contract.fields if f.field not in candidate.matched]
    headers = {
        p: text
        for p, header in enumerate(candidate.headers[:_MOST_LIKELY])
        if p not in taken and 1 < len(text := tidy(header)) <= _LONGEST_LIKELY
    }
    pairs = sorted(
        (
            (ratio, p, f.title_zh)
            for p, text in headers.items()
            for f in fields
            if (ratio := max(_likeness(text, title) for title in f.titles)) >= _LIKELY
        ),
        key=lambda pair: (-pair[0], pair[1]),
    )
    found: dict[int, str] = {}
    for _, position, title in pairs:
        if position not in found and title not in found.values():
            found[position] = title
    return found


@lru_cache(maxsize=100_000)
def _likeness(text: str, title: str) -> float:
    """Return difflib's ratio of a tidied header and a title, 0 where it is below `_LIKELY`.

    The upper bounds come first: most of the thousands of pairs have no character in common.
    """
    matcher = SequenceMatcher(None, text, tidy(title))
    if matcher.real_quick_ratio() < _LIKELY or matcher.quick_ratio() < _LIKELY:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= _LIKELY else 0.0


def _describe(candidate: Candidate, alike: Mapping[int, str]) -> str:
    missing = [f.title_zh for f in candidate.missing]
    if not missing and candidate.contract.row_needs:
        field = candidate.contract.field
        missing = [
            "或".join("+".join(field(f).title_zh for f in g) for g in candidate.contract.row_needs)
        ]
    taken = {p for places in candidate.matched.values() for _, p in places}
    extra = [h for p, h in enumerate(candidate.headers) if h and p not in taken]
    text = f"；最接近“{candidate.contract.title_zh}”"
    if missing:
        text += f"，缺少列：{'、'.join(missing)}"
    if extra:
        text += f"，多出列：{'、'.join(extra[:8])}{'等' if len(extra) > 8 else ''}"
    if alike:
        meant = "、".join(f"“{candidate.headers[p]}”像是“{title}”" for p, title in alike.items())
        text += f"（{meant}）"
    return text
