"""Which of the datasets that a header fits is meant: by the header, names, and what stands in it.

The header decides. Names of file, sheet and table decide between datasets that it fits, and so do
the names of the objects (a well is no river section) and the hours of a date (hourly values are no
daily means). Where these speak for a dataset that the header does not fit, it has to be asked.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sources.contracts import Contract, fold
from sources.reading.raw import HeadRow, Refusal
from sources.reasons import finding
from sources.recognise.candidates import Candidate, best_by_dataset, best_candidates
from sources.recognise.headers import HeaderIndex, tidy

_FIRST = 20  # rows below the header that are examined for what a table holds
_ALIKE = 2  # datasets that share so many measures differ in the time that a value stands for
_DAY_AND_HOUR = re.compile(r"\d[日号tT ]+\d{1,2}\s*[:：时点]")
_DAY = re.compile(r"\d{4}\D{1,2}\d{1,2}\D{1,2}\d{1,2}|\d{8}")
_BEHIND_NAME = re.compile(r"[\d#＃号一二三四五六七八九十()（）A-Za-z\-]+$")
NAMES_ZH, OBJECTS_ZH, HOURS_ZH = "文件名、工作表名或标题", "表中的名称", "表中的时间"


@dataclass(frozen=True)
class Hints:
    """What stands beside a table's header: names of file, sheet and table, and who sends it."""

    names: tuple[str, ...]
    department: str


def choose(
    candidates: Sequence[Candidate], head: Sequence[HeadRow], index: HeaderIndex, hints: Hints
) -> tuple[Candidate, list[dict[str, object]]]:
    """Return the candidate that is meant, with the notes on the choice.

    `candidates` fit, one at least. Raises Refusal `ambiguous_dataset` or `name_contradicts`.
    """
    fitting = best_by_dataset(candidates)
    equal = best_candidates(candidates)
    spoken = _Spoken(index, hints, head[: equal[0].first])
    for place, called in (
        (HOURS_ZH, _by_hours(equal, head, index)),
        (OBJECTS_ZH, _by_objects(equal, head, index)),
        (NAMES_ZH, spoken.by_names(equal)),
    ):
        if called is None:
            continue
        if called.dataset not in fitting:
            raise _contradiction(place, called, equal[0], spoken)
        if len(fitting) > 1:
            return fitting[called.dataset], [_told(fitting.values(), place, called)]
    if len(equal) > 1:
        return _by_titles(equal, hints)
    likely = [
        fitting[d.dataset]
        for d in rivals(index)[equal[0].contract.dataset]
        if d.dataset in fitting and hints.department in d.departments_allowed
    ]
    if any(_as_likely(equal[0], other, head) for other in likely) and not spoken.of(equal[0]):
        raise Refusal("ambiguous_dataset", datasets=_titles((equal[0], *likely)))
    return equal[0], []


def _told(among: Iterable[Candidate], hint: str, chosen: Contract) -> dict[str, object]:
    return finding("hint_used", datasets=_titles(among), hint=hint, chosen=chosen.title_zh)


def _titles(candidates: Iterable[Candidate]) -> str:
    return "、".join(f"“{c.contract.title_zh}”" for c in candidates)


def _by_titles(
    equal: Sequence[Candidate], hints: Hints
) -> tuple[Candidate, list[dict[str, object]]]:
    """Choose among equals by a dataset's own title in a name, else by who delivers it."""
    spoken = [fold(name) for name in hints.names]
    named = [
        c
        for c in equal
        if any(fold(n) in s for n in (c.contract.title_zh, c.contract.dataset) for s in spoken)
    ]
    allowed = [c for c in equal if hints.department in c.contract.departments_allowed]
    for found, hint in ((named, "文件名或工作表名"), (allowed, "报送单位")):
        if len(found) == 1:
            return found[0], [_told(equal, hint, found[0].contract)]
    raise Refusal("ambiguous_dataset", datasets=_titles(equal))


@lru_cache(maxsize=4)
def rivals(index: HeaderIndex) -> dict[str, tuple[Contract, ...]]:
    """Return for each dataset those whose tables may be taken for its own.

    Their rows are of one kind, named by keys of the same types, and some columns have one title.
    """
    titles = {
        c.dataset: {
            tidy(title)
            for f in c.fields
            if f.type not in ("year", "month", "area")
            for title in (f.title_zh, *f.aliases)
        }
        for c in index.contracts
    }
    return {
        one.dataset: tuple(
            other
            for other in index.contracts
            if other is not one
            and (one.kind, one.domain) == (other.kind, other.domain)
            and _key_types(one) == _key_types(other)
            and titles[one.dataset] & titles[other.dataset]
        )
        for one in index.contracts
    }


def _key_types(contract: Contract) -> list[str]:
    return sorted(f.type.replace("datetime", "date") for f in contract.key_fields)


@dataclass(frozen=True)
class _Spoken:
    """What the names beside a table speak of."""

    index: HeaderIndex
    hints: Hints
    titles: Sequence[HeadRow]

    @property
    def texts(self) -> list[str]:
        """The names and titles."""
        return [*self.hints.names, *(c for row in self.titles for c in row.cells if c.strip())]

    def by_names(self, equal: Sequence[Candidate]) -> Contract | None:
        """Return the dataset that names speak for and the header does not, if there is one.

        None where they speak for what the header says too, or for several others.
        """
        own = {c.contract.dataset for c in equal}
        among = [c.contract for c in equal]
        among += [d for c in equal for d in rivals(self.index)[c.contract.dataset]]
        spoken = {d.dataset: d for d in among if self._called(d)}
        said = [d for name, d in spoken.items() if name in own]
        if said:
            return said[0] if len(said) == 1 and len(own) > 1 else None
        return next(iter(spoken.values())) if len(spoken) == 1 else None

    def of(self, chosen: Candidate) -> bool:
        """Tell whether names speak for what the header says."""
        return self._called(chosen.contract)

    def _called(self, contract: Contract) -> bool:
        words = [fold(word) for word in contract.called if len(word) > 1]
        return any(word in fold(text) for word in words for text in self.texts)

    def text_of(self, contract: Contract) -> str:
        """Return the first name that speaks for a dataset."""
        words = [fold(word) for word in contract.called]
        return next((t for t in self.texts if any(w in fold(t) for w in words)), "")


def _contradiction(place: str, called: Contract, chosen: Candidate, spoken: _Spoken) -> Refusal:
    text = spoken.text_of(called) if place == NAMES_ZH else ""
    return Refusal(
        "name_contradicts",
        where=place,
        text=f"“{text}”" if text else "",
        named=called.title_zh,
        found=chosen.contract.title_zh,
    )


def _by_objects(
    equal: Sequence[Candidate], head: Sequence[HeadRow], index: HeaderIndex
) -> Contract | None:
    """Return the dataset that the names of the objects speak for: wells, water sources."""
    chosen = equal[0]
    declared = next((f for f in chosen.contract.key_fields if f.type == "string"), None)
    if declared is None or len(equal) > 1 or not chosen.contract.called:
        return None
    names = [_BEHIND_NAME.sub("", t.strip()) for t in _below(chosen, declared.field, head)]
    own = tuple(chosen.contract.called)
    for other in rivals(index)[chosen.contract.dataset]:
        ends = tuple(other.called)
        count = sum(n.endswith(ends) and not n.endswith(own) for n in names if n)
        if ends and count * 2 > len(names):
            return other
    return None


def _as_likely(chosen: Candidate, other: Candidate, head: Sequence[HeadRow]) -> bool:
    """Tell whether a table may as well be another dataset's: all columns fit that one, too.

    Its objects stand under a title that both have and are not called what the chosen one's are.
    """
    declared = next((f for f in chosen.contract.key_fields if f.type == "string"), None)
    if declared is None or len(other.matched) < len(chosen.matched):
        return False
    rank, position = chosen.matched[declared.field][0]
    shared = any((position in (p for _, p in places)) for places in other.matched.values())
    if rank == 0 or not shared:
        return False
    own = tuple(chosen.contract.called)
    names = [_BEHIND_NAME.sub("", t.strip()) for t in _below(chosen, declared.field, head)]
    return not own or sum(name.endswith(own) for name in names) * 2 <= len(names)


def _by_hours(
    equal: Sequence[Candidate], head: Sequence[HeadRow], index: HeaderIndex
) -> Contract | None:
    """Return the dataset of hours or of days that the times in a table speak for."""
    chosen = equal[0]
    declared = chosen.contract.period_field
    if declared is None or not declared.key or declared.type not in ("date", "datetime"):
        return None
    twins = [
        d
        for d in rivals(index)[chosen.contract.dataset]
        if _measure_alike(chosen.contract, d)
        and d.period_field is not None
        and d.period_field.type != declared.type
    ]
    texts = _below(chosen, declared.field, head)
    if not texts or len(twins) != 1:
        return None
    hours = [bool(_DAY_AND_HOUR.search(t)) for t in texts]
    days = [_DAY.fullmatch(t.strip()) is not None for t in texts]
    if declared.type == "date":
        return twins[0] if any(hours) else None
    return twins[0] if all(days) else None


def _measure_alike(one: Contract, other: Contract) -> bool:
    """Tell whether two datasets measure the same."""
    own, others = ({f.field for f in c.fields if f.is_measured} for c in (one, other))
    return len(own & others) >= _ALIKE


def _below(chosen: Candidate, name: str, head: Sequence[HeadRow]) -> list[str]:
    """Return the first cells of a field's column that are not empty."""
    position = chosen.matched[name][0][1]
    cells = (r.cells[position] for r in head[chosen.last + 1 :] if position < len(r.cells))
    return [c for c in cells if c.strip()][:_FIRST]
