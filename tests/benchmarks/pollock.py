"""Reading scores."""

from collections import Counter
from collections.abc import Sequence

from sources.limits import Limits
from sources.reading.delimited import read_delimited
from sources.reading.encoding import decode
from sources.reading.raw import EXTRA, ROW_NUMBER, Refusal

Rows = list[list[str]]


def records_of(data: bytes, titles: Sequence[str]) -> Rows:
    """Return header and records of the first table as the product's reader reads them."""
    known = {t.lower() for t in titles}

    def is_title(text: str) -> bool:
        return text.strip().lower() in known

    def is_header(cells: Sequence[str]) -> bool:
        filled = [c for c in cells if c.strip()]
        return sum(map(is_title, filled)) * 2 > len(filled)

    try:
        table = read_delimited(decode(data), is_title, Limits())
    except Refusal:
        return []
    first = next((i for i, row in enumerate(table.head) if is_header(row.cells)), None)
    last = -1
    header = []
    if first is not None:
        last = first
        while last + 1 < len(table.head) and is_header(table.head[last + 1].cells):
            last += 1
        lines = [table.head[i].cells for i in range(first, last + 1)]
        width = max(map(len, lines))
        header = [" ".join(line[i] for line in lines if i < len(line)) for i in range(width)]
    width = len(header) or max(len(row.cells) for row in table.head)
    found = [header] if header else []
    for rows in table.rows(last, width):
        for cells in rows.frame().drop(ROW_NUMBER).select("^c.*$", EXTRA).iter_rows():
            texts = [c or "" for c in cells[:-1]]
            if not any(t.strip() for t in texts):
                continue
            if header and is_header(texts):
                return found
            found.append(texts + ([cells[-1]] if cells[-1] else []))
    return found


def scores(clean: Rows, loaded: Rows) -> list[float]:
    """Return success and precision, recall and F1 of header, records and cells."""
    if not clean:
        return [1.0] * 10
    header = _measures([c.lower() for c in clean[0]], [c.lower() for c in (loaded or [[]])[0]])
    records = _measures(
        ["".join(r).lower() for r in clean[1:]], ["".join(r).lower() for r in loaded[1:]]
    )
    cells = _measures([c for r in clean for c in r], [c for r in loaded for c in r])
    return [1.0, *header, *records, *cells]


def _measures(clean: Sequence[str], loaded: Sequence[str]) -> tuple[float, float, float]:
    if not clean:
        return 1.0, 1.0, 1.0
    both = (Counter(clean) & Counter(loaded)).total()
    if not both:
        return 0.0, 0.0, 0.0
    p, r = both / len(clean), both / len(loaded)
    return p, r, 2 * p * r / (p + r)
