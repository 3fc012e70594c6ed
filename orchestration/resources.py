"""The resource that the assets of a load share: data home, contracts, parameters, load lock."""

from collections.abc import Generator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from orchestration.dbt_build.engines import require_engine
from orchestration.dbt_build.inputs import digest
from orchestration.plan import use_plan_of
from sources.contracts import Contracts, load_contracts, plan_in_force
from warehouse.home.clock import COUNTY_ZONE
from warehouse.home.layout import Home
from warehouse.home.settings import HomeSettings
from warehouse.publication import history
from warehouse.publication.manifest import stamp_time


def default_home() -> str:
    """Return the data home of the environment. Raises SettingsError."""
    return str(HomeSettings.load().home)


def parse_moment(text: str, home: Home | None = None) -> datetime:
    """Read a moment given by a person: ISO 8601 or the stamp of a publication.

    A date without a time means its end, a time without a zone UTC+8; a stamp the moment as of which
    that publication was built, if the `home` still has a record of it. Raises ValueError that says
    what is expected.
    """
    with suppress(ValueError):
        return history.publication_moment(home, text) if home else stamp_time(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"'{text}' is no moment; write 2025-12-31, 2025-12-31T18:00:00+08:00, or a "
            "publication's stamp"
        ) from error
    if len(text) == len("2025-12-31"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999999)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=COUNTY_ZONE)
    return moment.astimezone(UTC)


def _require_home_of(instance: dg.DagsterInstance | None, home: Home) -> None:
    """Raise Failure when a run of one home's Dagster is to work in another home.

    Whoever starts a run writes its configuration. What it says is not repeated: Dagster fills in
    environment variables.
    """
    if instance is None or instance.is_ephemeral:
        return
    own = Path(instance.root_directory)
    if own.resolve() != home.dagster.resolve():
        raise dg.Failure(
            "home_dir of the run's configuration is not the data home of this service, whose "
            f"Dagster is {own}; nothing was read or written",
            allow_retries=False,
        )


class Load(dg.ConfigurableResource):
    """A load of a data home. Of those that build (`builds`), one runs at a time."""

    home_dir: str
    as_of: str | None = None
    year: int | None = None
    settle_seconds: float = 2.0
    rebuild: bool = False
    builds: bool = True

    _home: Home = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["Load", None, None]:
        """Hold the home's load lock during the run, unless it only takes files in."""
        self._home = Home.at(self.home_dir)
        _require_home_of(context.instance, self._home)
        self._home.require()
        self._require_moment()
        use_plan_of(self._home)
        plan_in_force()  # mistakes in it are named before anything starts
        if self.builds:
            require_engine()

        def report_wait() -> None:
            assert context.log is not None
            context.log.info("another load of this home is running; waiting for it to end")

        with self._home.lock("load", on_wait=report_wait) if self.builds else nullcontext():
            yield self

    def _require_moment(self) -> None:
        try:
            self.moment  # noqa: B018
        except ValueError:
            raise dg.Failure(
                "as_of of the run's configuration is no moment; write 2025-12-31, "
                "2025-12-31T18:00:00+08:00, or a publication's stamp",
                allow_retries=False,
            ) from None

    def require_lock(self) -> None:
        """Raise Failure in a run that does not hold the load lock: two would build at once."""
        if not self.builds:
            raise dg.Failure(
                "the run's configuration says `builds: false`, and this step builds; leave it out",
                allow_retries=False,
            )

    @property
    def home(self) -> Home:
        """The data home of the run."""
        return self._home

    @property
    def contracts(self) -> Contracts:
        """The contracts of all datasets."""
        return load_contracts()

    @property
    def moment(self) -> datetime | None:
        """The moment as of which the warehouse is built; None for the present."""
        return parse_moment(self.as_of, self._home) if self.as_of else None

    def inputs(self) -> str:
        """Return the digest of all inputs of this load's build."""
        return digest(self.home, as_of=self.moment, year=self.year)
