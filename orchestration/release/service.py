"""Checking and publishing a candidate, the same for the nightly load and for `eco publish`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import expectations
from orchestration.dbt_build import docs as dbt_docs
from orchestration.dbt_build.runner import read_manifest
from sources.contracts import Contracts, load_contracts
from warehouse import report
from warehouse.home.layout import Home
from warehouse.home.software import software_version
from warehouse.output import bulletins, open_data, superset
from warehouse.publication.candidate import Candidate, pending_candidate, record_checks
from warehouse.publication.commit import publish, rollback
from warehouse.publication.complete import complete
from warehouse.publication.current import PublishError, current_manifest
from warehouse.publication.manifest import Checks, PublicationManifest, Rollback
from warehouse.publication.marts import Mart, read_marts


def declared_marts() -> dict[str, Mart]:
    """Return the marts that the dbt project declares. Raises DbtError when it does not parse."""
    return read_marts(read_manifest())


def check(home: Home, candidate: Candidate) -> expectations.CheckReport:
    """Run Great Expectations on a candidate and record the results in its manifest."""
    checked = expectations.run_checks(
        candidate.path, docs_dir=candidate.data_docs, work_dir=home.state / "checks"
    )
    record_checks(candidate, Checks.from_dict(checked.to_dict()))
    return checked


def _surroundings(
    home: Home, contracts: Contracts, marts: Mapping[str, Mart]
) -> report.Surroundings:
    """Return what the report shows beyond the DuckDB file."""
    return report.Surroundings(
        marts=marts,
        contracts=contracts,
        issued=bulletins.issued_editions(home),
        boundaries=home.boundaries,
    )


def publish_candidate(
    home: Home, candidate: Candidate, contracts: Contracts, marts: Mapping[str, Mart]
) -> PublicationManifest:
    """Write the pages and files of a checked candidate, and publish it."""

    def write_open_data(finished: Candidate) -> None:
        open_data.write(
            finished.path,
            finished.open_data,
            manifest=finished.manifest,
            marts=marts,
            contracts=contracts,
        )

    def write_report(finished: Candidate) -> None:
        surroundings = _surroundings(home, contracts, marts)
        report.write(finished.path, finished.report, finished.manifest, surroundings)

    def write_dbt_docs(finished: Candidate) -> None:
        built = home.build_database if home.build_database.exists() else finished.path
        dbt_docs.write(built, finished.report / dbt_docs.FOLDER, read_manifest())

    def write_superset(finished: Candidate) -> None:
        finished.superset.mkdir(exist_ok=True)
        bundle = finished.superset / superset.BUNDLE
        superset.write_bundle(bundle, superset.duckdb_uri(home.database), marts)

    writers = [write_report, write_dbt_docs, write_open_data, write_superset]
    return publish(home, candidate, marts=marts, writers=writers)


def renew_report(home: Home, on_wait: Callable[[], object] = lambda: None) -> Path:
    """Write the pages of the report again from the published file; return the first page.

    Raises PublishError when nothing is published.
    """
    home.require()
    with home.lock("load", on_wait=on_wait):
        complete(home)
        manifest = current_manifest(home)
        if manifest is None:
            raise PublishError("nothing is published yet; run: eco nightly")
        surroundings = _surroundings(home, load_contracts(), declared_marts())
        report.write(home.database, home.report, manifest, surroundings)
        return home.report / report.FIRST_PAGE


def issue_edition(home: Home, kind: str, moment: datetime) -> Path:
    """Issue an edition of a bulletin and list it in the report; return its path.

    Raises PublishError when it cannot be issued (`bulletins.write_edition`).
    """
    marts = declared_marts()
    page = bulletins.write_edition(home, kind, moment, marts)
    manifest = current_manifest(home)
    if manifest is not None:
        surroundings = _surroundings(home, load_contracts(), marts)
        only = (report.EDITIONS_PAGE,)
        report.write(home.database, home.report, manifest, surroundings, only=only)
    return page


def publish_pending(
    home: Home, on_wait: Callable[[], object] = lambda: None
) -> tuple[Literal["published", "refused", "nothing"], PublicationManifest | None]:
    """Publish the candidate that a load left; return the result and the manifest in force.

    The result is "published", "refused" or "nothing" (no candidate). The candidate is checked
    again, whatever its earlier result: thresholds may have been changed since. An interrupted
    publication is completed.
    """
    home.require()
    with home.lock("load", on_wait=on_wait):
        complete(home)
        try:
            candidate = pending_candidate(home)
        except PublishError:
            return "nothing", current_manifest(home)
        if not check(home, candidate).success:
            return "refused", current_manifest(home)
        return "published", publish_candidate(
            home, pending_candidate(home), load_contracts(), declared_marts()
        )


def roll_back(
    home: Home, stamp: str, reason: str, on_wait: Callable[[], object] = lambda: None
) -> Rollback:
    """Publish a snapshot again; return the record of the rollback. Raises PublishError."""
    home.require()
    with home.lock("load", on_wait=on_wait):
        return rollback(home, stamp, reason=reason, software_version=software_version())
