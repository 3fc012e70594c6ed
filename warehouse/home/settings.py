"""The environment variables of the software, each declared once with its meaning and default.

A group holds the variables that are read together; it is read when it is needed, so that a wrong
value stops only what depends on it. The table in docs/operations.md is written from here by
`make generate`. Settings kept in files (alerts.yml, open_data.yml) do not belong here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ECO_"


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used; the message names it."""


class SettingsGroup(BaseSettings):
    """Variables that are read together. A field `x` is the variable ECO_X; empty means not set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True
    )
    # Set where the documentation is to say something else than the default.
    default_text: ClassVar[dict[str, str]] = {}

    @classmethod
    def load(cls) -> Self:
        """Read the variables from the environment. Raises SettingsError."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("\n".join(map(cls._sentence, error.errors()))) from error

    @classmethod
    def variable(cls, field: str) -> str:
        """Return the name of the variable of a field. Raises KeyError for an unknown field."""
        alias = cls.model_fields[field].validation_alias  # a variable of other software
        return alias if isinstance(alias, str) else PREFIX + field.upper()

    @classmethod
    def _sentence(cls, problem: ErrorDetails) -> str:
        field = str(problem["loc"][0])
        return (
            f"{cls.variable(field)} is '{problem['input']}': {problem['msg']}. "
            f"Correct or unset the variable ({cls.model_fields[field].title})"
        )

    @classmethod
    def rows(cls) -> Iterator[tuple[str, str, str]]:
        """Yield variable, meaning and default of each field, for the documentation."""
        for name, field in cls.model_fields.items():
            meaning = f"{field.title}. {field.description or ''}".strip()
            default = "" if field.default is None else f"`{field.default}`"
            yield cls.variable(name), meaning, cls.default_text.get(name, default)


class HomeSettings(SettingsGroup):
    """Which data home is meant where no command line option names one."""

    default_text: ClassVar[dict[str, str]] = {"home": "`./data`"}

    home: Path = Field(
        Path("data"),
        title="Folder of the data home",
        description="The option `--home` sets it too.",
    )


class PlanSettings(SettingsGroup):
    """Whose plan is judged by (docs/regions.md)."""

    default_text: ClassVar[dict[str, str]] = {"plan": "`plan` in the data home, else the product's"}

    plan: Path | None = Field(
        None,
        title="Folder with the tables of the county's own plan",
        description="County, areas, departments, targets; see docs/regions.md.",
    )


class DagsterSettings(SettingsGroup):
    """Where Dagster keeps its runs and events."""

    default_text: ClassVar[dict[str, str]] = {"dagster_postgres": "SQLite in `state/dagster`"}

    dagster_postgres: str | None = Field(
        None,
        title="Address of the PostgreSQL database of Dagster's runs and events",
        description="`postgresql://user:password@host:5432/database`. It must be the same for "
        "every process; `eco init` makes the tables.",
    )


class ReadingSettings(SettingsGroup):
    """What the processes that read delivered files may use (orchestration/workers)."""

    read_memory_mb: int = Field(
        8192,
        ge=256,
        title="Memory in MB (address space) that reading one delivered file may take",
        description="The largest file that is allowed, 20 million rows, takes 7,000. Two files are "
        "read at once, large ones alone. A file that needs more is refused.",
    )
    read_seconds: PositiveInt = Field(
        600,
        title="Seconds that reading one delivered file may take",
        description="A file that needs more is refused.",
    )


class RetentionSettings(SettingsGroup):
    """How long publications stay as snapshots (published/snapshots)."""

    keep_last: NonNegativeInt = Field(
        30,
        title="Number of newest publications kept as snapshots",
        description="The current publication is always kept.",
    )
    keep_months: NonNegativeInt = Field(
        120,
        title="Number of months of which the last publication is kept as a snapshot",
        description="Months in county time; 0 keeps none beyond the newest.",
    )


class OpenDataSettings(SettingsGroup):
    """The description of the open data."""

    default_text: ClassVar[dict[str, str]] = {"open_data": "`warehouse/output/open_data.yml`"}

    open_data: Path | None = Field(
        None,
        title="File with publisher, licence and titles of the open data",
        description="It takes the place of the default file and has the same keys.",
    )


class ServingSettings(SettingsGroup):
    """Where the marts are served beside the published file."""

    default_text: ClassVar[dict[str, str]] = {"serve_postgres": "not served"}

    serve_postgres: SecretStr | None = Field(
        None,
        title="Address of the PostgreSQL database that is given a copy of each publication",
        description="`postgresql://user:password@host:5432/database`; see docs/readers.md.",
    )


class BuildSettings(SettingsGroup):
    """What dbt reads (dbt_project/profiles.yml)."""

    build_db: Path | None = Field(
        None,
        title="DuckDB file that dbt builds into",
        description="Loads set it; set it yourself only to run dbt alone.",
    )


class EngineSettings(SettingsGroup):
    """The engine that builds the marts (docs/cluster.md)."""

    engine: Literal["duckdb", "spark"] = Field(
        "duckdb",
        title="Engine that builds the marts",
        description="`duckdb`, or `spark` where the packages of requirements-cluster.lock are "
        "installed.",
    )
    spark_remote: str | None = Field(
        None,
        validation_alias="SPARK_REMOTE",
        title="Address of a Spark Connect server",
        description="`sc://host:15002`; it must see the data home under the same path.",
    )
    spark_master: str | None = Field(
        None,
        title="Master of the Spark session of a load, where there is no SPARK_REMOTE",
        description="`local[2]`, `spark://host:7077`, `yarn`; needs Java 17.",
    )
    spark_memory: str = Field(
        "3g", title="Memory of that session's driver", description="As Spark writes it."
    )
    spark_partitions: PositiveInt = Field(
        2,
        title="Partitions into which Spark spreads rows, from two million of them",
        description="About the number of processors of the cluster.",
    )


class AlertSecrets(SettingsGroup):
    """Secrets that the template of alerts.yml names as `${NAME}`.

    Any other name works as well: alerts.yml is filled from the whole environment.
    """

    smtp_password: SecretStr | None = Field(
        None, title="Password of the mail server", description="Named in alerts.yml as `${...}`."
    )
    wecom_key: SecretStr | None = Field(
        None, title="Key of a 企业微信 robot", description="Named in alerts.yml as `${...}`."
    )
    dingtalk_token: SecretStr | None = Field(
        None, title="Access token of a 钉钉 robot", description="Named in alerts.yml as `${...}`."
    )
    dingtalk_secret: SecretStr | None = Field(
        None, title="Signing secret of a 钉钉 robot", description="Named in alerts.yml as `${...}`."
    )


class DevelopmentSettings(SettingsGroup):
    """What the tests ask for."""

    default_text: ClassVar[dict[str, str]] = {
        "chromium": "the first Chromium or Chrome on the path",
        "test_seed": "a fixed seed per test",
        "superset_folder": "a temporary folder",
    }

    chromium: Path | None = Field(
        None, title="Browser of the tests", description="Tests of pages are skipped without one."
    )
    test_seed: int | None = Field(
        None,
        title="Seed of the random tests",
        description="A random test prints the seed that repeats it.",
    )
    demonstration: bool = Field(
        False,
        title="Test the whole demonstration, and a region of two counties",
        description="They are loaded, which takes minutes.",
    )
    spark: bool = Field(
        False,
        title="Test loads on Apache Spark (make test-spark)",
        description="They take minutes, and Java 17.",
    )
    superset: bool = Field(
        False,
        title="Test the dashboards in a real Superset",
        description="It is installed into an environment of its own, which takes minutes.",
    )
    superset_folder: Path | None = Field(
        None,
        title="Folder of that Superset and of its pictures",
        description="An installation that is there is used again.",
    )


GROUPS: tuple[type[SettingsGroup], ...] = (
    HomeSettings,
    PlanSettings,
    DagsterSettings,
    ReadingSettings,
    RetentionSettings,
    OpenDataSettings,
    ServingSettings,
    BuildSettings,
    EngineSettings,
    AlertSecrets,
    DevelopmentSettings,
)


def variables() -> list[str]:
    """Return the names of all declared variables."""
    return [name for group in GROUPS for name, _, _ in group.rows()]


def table() -> str:
    """Return the table of docs/operations.md."""
    rows = [
        f"| `{name}` | {meaning} | {default} |"
        for group in GROUPS
        for name, meaning, default in group.rows()
    ]
    return "\n".join(["| variable | meaning | default |", "|---|---|---|", *rows]) + "\n"
