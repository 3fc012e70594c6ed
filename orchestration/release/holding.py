"""Holding submissions and releasing them: by a load whose checks they fail, or by a person.

A held submission is left out of builds, so that the rest can be published. Which checks set
submissions aside is a column of the table of rules (`blocks`). What is held is what is new in a
failing value: the publication before passed the same checks with the rest. Where nothing is new, or
nothing can be told, nothing is held: a critical check refuses the publication as any other; what
fails a check that is to be verified, and was published or released before, is published.
"""

import glob
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from expectations.declarations import Expectation, load_expectations
from orchestration.intake.receipts import write_held_note
from sources.contracts import Contracts
from warehouse.home.layout import Home
from warehouse.lake import holds
from warehouse.lake.holds import Action, Decision
from warehouse.lake.submissions import Submission, find
from warehouse.output.causes import Cause, SourceRows, counted_submissions, find_causes
from warehouse.publication import history

Failure = tuple[Expectation, Cause]
_REASONS = 3  # failing values that a reason lists


def failing_values(database: Path, contracts: Contracts) -> list[Failure]:
    """Return the failing rows of the checks that set submissions aside, with what made them."""
    checks = [each for each in load_expectations() if each.holds_submissions]
    with duckdb.connect(str(database), read_only=True) as connection:
        return [
            (check, cause)
            for check in checks
            for cause in find_causes(connection, check.failing_rows or "", contracts)
        ]


def submissions_to_hold(
    home: Home, database: Path, contracts: Contracts, *, by: str
) -> dict[str, Decision]:
    """Return the decisions that make a finished build pass, by submission; none where unknown.

    `by` names the load. The decisions are not on record yet (`record`).
    """
    failures = failing_values(database, contracts)
    if not failures:
        return {}
    before = history.predecessor(
        home, history.build_moment(database), history.build_visible_data(database)
    )
    known = counted_submissions(before) if before else set()
    verified = known | holds.released(home)
    by_submission: dict[str, list[Failure]] = {}
    for check, cause in failures:
        critical = check.severity == "critical"
        suspects = _suspects(cause, known if critical else verified)
        if not suspects and critical:
            return {}
        for source in suspects:
            by_submission.setdefault(source.submission_id, []).append((check, cause))
    return {
        identity: _decision(identity, found, by=by) for identity, found in by_submission.items()
    }


def _suspects(cause: Cause, known: set[str]) -> list[SourceRows]:
    """Return the submissions of a failing value that were not in the publication before.

    Of several, those that a finding speaks of are enough.
    """
    new = [source for source in cause.sources if source.submission_id not in known]
    return [source for source in new if source.questioned] or new


def _decision(identity: str, failures: list[Failure], *, by: str) -> Decision:
    indicators = sorted({cause.indicator_id for _, cause in failures if cause.indicator_id})
    return holds.new_decision(
        identity,
        "hold",
        by=by,
        reason="；".join(_reasons(identity, failures)) + "。",
        rule=failures[0][0].expectation_id,
        indicator_ids=tuple(indicators),
    )


def _reasons(identity: str, failures: list[Failure]) -> Iterator[str]:
    for check, cause in failures[:_REASONS]:
        lines = [s.lines_zh for s in cause.sources if s.submission_id == identity]
        where = f"（{lines[0]}）" if lines and lines[0] else ""
        yield f"{cause.subject_zh}{where}，不符合“{check.description_zh}”"
    if len(failures) > _REASONS:
        yield f"另有 {len(failures) - _REASONS} 处"


def record(home: Home, contracts: Contracts, decisions: Mapping[str, Decision]) -> None:
    """Put decisions on record, and write a note for each into the department's receipts."""
    for identity, decision in decisions.items():
        submission = find(home, identity)
        if submission is not None:
            # The note first: where a crash comes between, the next load repeats both.
            write_held_note(home, contracts, submission, decision)
        holds.record(home, decision)


def describe(decisions: Mapping[str, Decision], home: Home) -> list[str]:
    """Return a line for each decision: file, department and reason."""
    lines = []
    for identity, decision in decisions.items():
        submission = find(home, identity)
        name = f"{submission.department}/{submission.file_name}" if submission else identity
        lines.append(f"{name} ({identity}): {decision.reason}")
    return lines


class HoldingError(RuntimeError):
    """A submission cannot be held or released; the message says why and what to do."""


def find_submission(home: Home, identity: str) -> Submission:
    """Return the submission of an identity or of its first characters. Raises HoldingError."""
    found = [path.stem for path in home.manifests.glob(f"{glob.escape(identity)}*.json")]
    if len(found) == 1 and (submission := find(home, found[0])) is not None:
        return submission
    if not found:
        raise HoldingError(
            f"there is no submission {identity}; `eco submissions list` shows their identifiers"
        )
    raise HoldingError(
        f"{len(found)} submissions begin with {identity}: {', '.join(sorted(found)[:5])}; "
        "give more characters"
    )


def decide(
    home: Home, contracts: Contracts, identity: str, action: Action, *, reason: str, by: str
) -> tuple[Submission, Decision]:
    """Hold or release a submission for a person's reason; the next load follows it.

    Raises HoldingError when there is no such submission, it has no rows that count, or it is held
    or released already.
    """
    submission = find_submission(home, identity)
    held = holds.held(home).get(submission.submission_id)
    if action == "hold" and held is not None:
        raise HoldingError(f"{submission.submission_id} is held already: {held.reason}")
    if action == "release" and held is None:
        raise HoldingError(f"{submission.submission_id} is not held")
    if not submission.rows_accepted:
        raise HoldingError(
            f"{submission.submission_id} was refused by the intake: none of its rows counts"
        )
    decision = holds.new_decision(submission.submission_id, action, by=by, reason=reason)
    record(home, contracts, {submission.submission_id: decision})
    return submission, decision
