"""Committing rows that a test or benchmark has as frames, without a file or a worker."""

from io import BytesIO

import polars as pl

from sources.contracts import Contract
from warehouse.home.layout import Home
from warehouse.lake.commit import commit, encode_rows
from warehouse.lake.submissions import Submission


def commit_frames(
    home: Home,
    submission: Submission,
    contract: Contract | None,
    accepted: pl.DataFrame,
    rejected: pl.DataFrame,
) -> Submission:
    """Encode rows and commit them, in this process."""
    content = BytesIO()
    rows = encode_rows(
        submission.submission_id,
        file_name=submission.file_name,
        sheet=submission.sheet,
        contract=contract,
        accepted=accepted,
        rejected=rejected,
        target=content,
    )
    return commit(home, submission, rows, content)
