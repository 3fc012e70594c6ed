"""Each kind of layout, as a workbook and as CSV, comes to the rows that a person would read."""

from pathlib import Path
from typing import Any

import pytest
from kinds import KINDS, Kind

from sources.contracts import load_contracts
from sources.contracts.model import ROW_COLUMNS
from sources.read_file import read_file
from sources.summary import TableResult

CONTRACTS = load_contracts()
FORMS = [(k, f) for k in KINDS for f in ("xlsx", "csv") if k.only in ("", f)]


def read(kind: Kind, form: str, folder: Path) -> list[TableResult]:
    path = folder / f"{kind.file}.{form}"
    path.write_bytes(kind.workbook() if form == "xlsx" else kind.text())
    return read_file(path, file_name=path.name, department=kind.department, contracts=CONTRACTS)


def stored(results: list[TableResult]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for result in results:
        own = [c for c in result.accepted.columns if c not in (*ROW_COLUMNS, "source_cells")]
        for row in result.accepted.select(own).iter_rows(named=True):
            assert result.dataset is not None
            found.append((result.dataset, {k: v for k, v in row.items() if v is not None}))
    return found


def plain(row: tuple[str, dict[str, Any]]) -> tuple[str, tuple[tuple[str, Any], ...]]:
    values = {
        k: round(float(v), 9) if isinstance(v, int | float) else str(v) for k, v in row[1].items()
    }
    return row[0], tuple(sorted(values.items()))


@pytest.mark.parametrize(("kind", "form"), FORMS, ids=[f"{k.name}-{f}" for k, f in FORMS])
def test_a_kind_of_layout(kind: Kind, form: str, tmp_path: Path) -> None:
    results = read(kind, form, tmp_path)
    said = "\n".join(
        [str(r.reason_zh) for r in results]
        + [str(f["message_zh"]) for r in results for f in r.findings]
    )
    assert sorted(map(plain, stored(results))) == sorted(map(plain, kind.rows)), said
    refused = [r for r in results if r.status == "refused" and not r.rows_read]
    assert kind.asked in "".join(str(r.reason_zh) for r in refused), said
    assert len(refused) == kind.extra.get("refused", 1 if kind.asked else 0), said
    assert sum(r.rows_rejected for r in results) == kind.back, said
    for told in kind.told:
        assert told in said
    unknown = [c["header"] for r in results for c in r.unknown_columns]
    assert set(kind.extra.get("unknown", ())) <= set(unknown)
