"""Manifests of submissions and publications: read from JSON and written, also of other versions."""

import json
from typing import Any

import pytest

from warehouse.lake.submissions import RereadNote, StoredFile, Submission
from warehouse.publication.manifest import (
    BuildInfo,
    Checks,
    PublicationManifest,
    Release,
    Rollback,
    TableChange,
    VisibleData,
)

SUBMISSION: dict[str, Any] = {
    "submission_id": "f0",
    "department": "forestry",
    "file_name": "森林.csv",
    "landing_path": "landing/forestry/森林.csv",
    "sheet": "",
    "sha256": "ab" * 32,
    "size_bytes": 9,
    "received_at": "2026-11-20T18:00:00.000001+00:00",
    "dataset": "forest_resources",
    "status": "partial",
    "reason_code": None,
    "reason_zh": None,
    "encoding": "gb18030",
    "rows_read": 3,
    "rows_accepted": 2,
    "rows_rejected": 1,
    "rows_duplicate": 0,
    "periods": ["2019", "2020"],
    "software_version": "0.1.0+g1a2b3c4",
    "details": {
        "header_line": 2,
        "column_map": [{"position": 1, "header": "年份", "factor": "1"}],
        "reason_counts": {"unknown_area": 1},
        "reread": [{"at": "2026-11-21T00:00:00+00:00", "software_version": "2", "differences": []}],
    },
    "files": [{"path": "lake/x/a.parquet", "rows": 2, "size_bytes": 7, "sha256": "cd" * 32}],
    "quarantine": {"path": "quarantine/x/a.parquet", "rows": 1, "size_bytes": 5, "sha256": "e"},
}
PUBLICATION: dict[str, Any] = {
    "stamp": "20261120T180000000000Z",
    "built_at": "2026-11-20T18:00:00+00:00",
    "schema_version": "7.2.0",
    "software_version": "0.1.0+g1a2b3c4",
    "run_id": "4f",
    "as_of": None,
    "year": None,
    "inputs": "00" * 32,
    "moment": "2026-11-20T17:59:00+00:00",
    "seen": {"today": "2026-11-21", "submissions": 12, "held": 0},
    "tables": {"findings": {"rows": 3, "fingerprint": "-17"}},
    "changes": {
        "against": "20261119T180000000000Z",
        "tables_added": ["dim_area"],
        "tables_removed": [],
        "tables_changed": {
            "findings": {
                "rows_before": None,
                "rows_after": 3,
                "rows_added": 3,
                "rows_withdrawn": 0,
                "rows_changed": 0,
            }
        },
        "schema": [
            {"table": "dim_area", "change": "table_added"},
            {"table": "findings", "change": "column_added", "column": "state"},
        ],
    },
    "checks": {"success": True, "results": [{"table": "findings", "observed": 0, "note": "好"}]},
    "sha256": "12" * 32,
    "rollback": {
        "stamp": "20261120T180000000000Z",
        "instead_of": "20261121T180000000000Z",
        "from": "20261121T180000000000Z",
        "at": "2026-11-22T00:00:00+00:00",
        "reason": "错了",
        "software_version": "0.1.0",
    },
}


def text(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def test_manifests_are_written_as_they_were_read() -> None:
    assert Submission.from_json(text(SUBMISSION)).to_json() == text(SUBMISSION)
    assert PublicationManifest.from_json(text(PUBLICATION)).to_json() == text(PUBLICATION)


def test_the_content_is_typed() -> None:
    submission = Submission.from_json(text(SUBMISSION))
    assert submission.files == (StoredFile("lake/x/a.parquet", 2, 7, "cd" * 32),)
    assert submission.rereads == (RereadNote("2026-11-21T00:00:00+00:00", "2", ()),)
    assert "reread" not in submission.details
    manifest = PublicationManifest.from_json(text(PUBLICATION))
    assert manifest.build.seen == VisibleData("2026-11-21", 12)
    assert manifest.changes.tables_changed["findings"] == TableChange(None, 3, 3, 0, 0)
    assert manifest.checks is not None and manifest.checks.success
    assert manifest.rollback is not None
    assert manifest.rollback.replaced == "20261121T180000000000Z"


def with_unknown_keys(content: Any) -> Any:
    """Return JSON content with a key that no version knows at the end of every object."""
    if isinstance(content, dict):
        return {k: with_unknown_keys(v) for k, v in content.items()} | {"later": ["值"]}
    return [with_unknown_keys(each) for each in content] if isinstance(content, list) else content


def test_unknown_keys_survive_at_every_depth() -> None:
    for record, content in (
        (Submission, SUBMISSION),
        (PublicationManifest, PUBLICATION),
        (Rollback, PUBLICATION["rollback"]),
    ):
        later = with_unknown_keys(content)
        # Mappings of records by name have no keys of their own.
        for named in (later.get("tables"), later.get("changes", {}).get("tables_changed")):
            if named:
                del named["later"]
        found = record.from_json(text(later)).to_json()
        assert json.loads(found) == later


def test_manifests_of_earlier_versions_are_read() -> None:
    first = {
        **SUBMISSION,
        "files": [{"path": "lake/x/a.parquet", "rows": 2, "sha256": "cd" * 32}],
        "quarantine": "quarantine/x/a.parquet",
    }
    submission = Submission.from_json(text(first))
    assert submission.files[0].size_bytes is None
    assert submission.quarantine == StoredFile("quarantine/x/a.parquet")
    keys = ("stamp", "built_at", "schema_version", "software_version", "run_id", "as_of", "year")
    bare = {key: PUBLICATION[key] for key in keys}
    manifest = PublicationManifest.from_json(text(bare))
    assert (manifest.build.inputs, manifest.build.seen, manifest.sha256) == (None, None, None)
    assert list(manifest.to_dict()) == [*keys, "tables", "changes"]


@pytest.mark.parametrize("key", ["rows_read", "files", "periods"])
def test_a_missing_key_is_named(key: str) -> None:
    content = {name: value for name, value in SUBMISSION.items() if name != key}
    with pytest.raises(ValueError, match=f"it has no {key}"):
        Submission.from_json(text(content))
    with pytest.raises(ValueError, match="not a JSON object"):
        Submission.from_json("[]")


def test_the_data_of_a_publication_ends_at_the_moment_asked_for() -> None:
    manifest = PublicationManifest.from_json(text(PUBLICATION))
    assert manifest.data_until.isoformat() == PUBLICATION["built_at"]
    past = PublicationManifest("s", "2026-11-20T18:00:00+00:00", "1", BuildInfo(as_of="2023-12-31"))
    assert past.data_until.isoformat() == "2023-12-31T00:00:00"


def test_records_of_releases_and_checks_have_their_keys() -> None:
    release = Release(
        "s", None, "2026", None, "2026", "v", "1", None, 2025, "x", {"findings": 3}, True
    )
    assert list(release.to_dict())[:4] == ["stamp", "rolled_back_at", "released_at", "reason"]
    assert Release.from_json(release.to_json()) == release
    assert Checks(True).to_dict() == {"success": True, "results": []}
