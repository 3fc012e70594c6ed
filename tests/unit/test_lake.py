"""The lake: identities, commits, and what a build sees."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import duckdb
import polars as pl
import pytest

from sources.contracts import Contracts, load_contracts
from sources.contracts.stored_rows import REJECTED_SCHEMA
from tests.tools.lake import commit_frames
from warehouse.build.start import (
    BUILD_COLUMNS,
    HOLD_COLUMNS,
    LAKE_YEAR_COLUMNS,
    SUBMISSION_COLUMNS,
    start_build,
)
from warehouse.home.layout import Home, HomeError
from warehouse.lake.commit import archive, encode_rows, next_received_at
from warehouse.lake.index import submissions
from warehouse.lake.submissions import (
    REJECTED_COLUMNS,
    LakeError,
    Submission,
    find,
    submission_id,
)

MOMENT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


@pytest.fixture
def contracts() -> Contracts:
    return load_contracts()


@pytest.fixture
def home(tmp_path: Path, contracts: Contracts) -> Home:
    made = Home.at(tmp_path / "a home with 'quotes'")
    made.create(contracts.departments)
    return made


def rows(*values: tuple[int, float]) -> pl.DataFrame:
    """Return accepted rows of agricultural_inputs: year and fertiliser as given."""
    contract = load_contracts()["agricultural_inputs"]
    types = {"year": pl.Int64, "area": pl.String}
    schema = {f.field: types.get(f.field, pl.Float64) for f in contract.fields}
    data = [
        {"year": year, "area": "全县", "fertiliser": amount, "pesticide": 1.0}
        for year, amount in values
    ]
    return pl.DataFrame(data, schema=schema).with_columns(
        row_number=pl.int_range(2, pl.len() + 2, dtype=pl.Int64),
        operation=pl.lit("upsert"),
        missing_kinds=pl.lit(None, dtype=pl.String),
        censored_fields=pl.lit(None, dtype=pl.String),
        flags=pl.lit(None, dtype=pl.String),
    )


def rejects(*numbers: int) -> pl.DataFrame:
    return pl.DataFrame(
        [{"row_number": n, "field": "year", "reason_code": "bad_year"} for n in numbers],
        schema=REJECTED_SCHEMA,
    )


def submit(
    home: Home,
    text: str,
    accepted: pl.DataFrame,
    rejected: pl.DataFrame | None = None,
    received: datetime = MOMENT,
) -> Submission:
    rejected = rejects() if rejected is None else rejected
    identity = submission_id("agriculture", text, "")
    submission = Submission(
        submission_id=identity,
        department="agriculture",
        file_name=f"{text}.csv",
        landing_path=f"landing/agriculture/{text}.csv",
        sheet="",
        sha256=text,
        size_bytes=1,
        received_at=received.isoformat(),
        dataset="agricultural_inputs",
        status="partial" if rejected.height else "accepted",
        reason_code=None,
        reason_zh=None,
        encoding="utf-8",
        rows_read=accepted.height + rejected.height,
        rows_accepted=accepted.height,
        rows_rejected=rejected.height,
        rows_duplicate=0,
        periods=("2020",),
        software_version="test",
    )
    contract = load_contracts()["agricultural_inputs"]
    return commit_frames(home, submission, contract, accepted, rejected)


def query(home: Home, contracts: Contracts, sql: str, as_of: datetime | None = None) -> list:
    with duckdb.connect(str(start_build(home, contracts, as_of=as_of)), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_identity_follows_department_bytes_and_sheet() -> None:
    same = submission_id("energy", "ab", "s")
    assert same == submission_id("energy", "ab", "s")
    others = {
        ("energ", "yab", "s"),
        ("energy", "ab", ""),
        ("water", "ab", "s"),
        ("energy", "a", "bs"),
    }
    assert same not in {submission_id(*other) for other in others}


def test_rows_are_partitioned_by_period_year_and_carry_their_submission(home: Home) -> None:
    committed = submit(home, "a", rows((2019, 1.0), (2020, 2.0), (2020, 3.0)))
    assert [(f.path.split("/")[2], f.rows) for f in committed.files] == [
        ("period_year=2019", 1),
        ("period_year=2020", 2),
    ]
    frame = pl.read_parquet(home.root / committed.files[1].path, hive_partitioning=False)
    assert frame["submission_id"].unique().to_list() == [committed.submission_id]
    assert find(home, committed.submission_id) == committed
    assert find(home, "0" * 16) is None


def test_rows_without_a_period_are_all_written() -> None:
    """A register has no year: all of its rows are in one file."""
    contract = load_contracts()["water_sections"]
    assert contract.period_field is None
    columns = {f.field: f"{f.field} 2" for f in contract.fields}
    register = pl.DataFrame([columns, {**columns, "section_name": "another"}])
    content = BytesIO()
    encoded = encode_rows(
        "s1",
        file_name="a.csv",
        sheet="",
        contract=contract,
        accepted=register,
        rejected=pl.DataFrame(),
        target=content,
    )
    [file] = encoded.accepted
    assert (file.rows, file.year, encoded.rejected) == (2, None, None)
    assert pl.read_parquet(content.getvalue())["section_name"].n_unique() == 2


def test_a_build_sees_every_dataset_typed_also_without_a_file(
    home: Home, contracts: Contracts
) -> None:
    path = start_build(home, contracts)
    with duckdb.connect(str(path), read_only=True) as connection:
        for contract in contracts:
            described = connection.execute(f"describe lake.{contract.dataset}").fetchall()
            fields = {name: kind.lower() for name, kind, *_ in described}
            for field in contract.fields:
                assert fields[field.field] == field.sql_type.replace("string", "varchar")
            assert connection.execute(
                f"select count(*) from lake.{contract.dataset}"
            ).fetchone() == (0,)


def test_a_build_as_of_a_moment_sees_what_was_received_by_then(
    home: Home, contracts: Contracts
) -> None:
    submit(home, "a", rows((2020, 1.0)))
    submit(home, "b", rows((2020, 2.0)), received=MOMENT + timedelta(days=1))
    count = "select count(*), sum(fertiliser) from lake.agricultural_inputs"
    assert query(home, contracts, count) == [(2, 3.0)]
    assert query(home, contracts, count, as_of=MOMENT) == [(1, 1.0)]
    before = MOMENT - timedelta(microseconds=1)
    assert query(home, contracts, count, as_of=before) == [(0, None)]


def test_a_build_knows_its_moment_and_the_county_s_day(home: Home, contracts: Contracts) -> None:
    late = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)  # already the next day in Yangcheng
    seen = query(home, contracts, "select * from intake.build", as_of=late)
    assert seen == [(late.replace(tzinfo=None), True, date(2026, 3, 2))]
    ((moment, as_of, _),) = query(home, contracts, "select * from intake.build")
    assert not as_of and abs(datetime.now(UTC).replace(tzinfo=None) - moment) < timedelta(minutes=5)


def test_files_without_a_manifest_do_not_count(home: Home, contracts: Contracts) -> None:
    committed = submit(home, "a", rows((2020, 1.0)))
    (home.manifests / f"{committed.submission_id}.json").unlink()
    (home.intents / "cut_off.json").write_text("{}", encoding="utf-8")
    assert query(home, contracts, "select count(*) from lake.agricultural_inputs") == [(0,)]
    submit(home, "a", rows((2020, 1.0)))
    assert query(home, contracts, "select count(*) from lake.agricultural_inputs") == [(1,)]


def test_older_files_get_the_columns_that_a_contract_gained(
    home: Home, contracts: Contracts
) -> None:
    submit(home, "old", rows((2019, 1.0)).drop("film_used"))
    submit(home, "new", rows((2020, 2.0)).with_columns(film_used=pl.lit(0.5)))
    sql = "select year, film_used from lake.agricultural_inputs order by year"
    assert query(home, contracts, sql) == [(2019, None), (2020, 0.5)]


def test_rejected_rows_and_submissions_come_into_the_build(
    home: Home, contracts: Contracts
) -> None:
    committed = submit(home, "a", rows((2020, 1.0)), rejects(3, 7))
    sql = "select submission_id, file_name, row_number from intake.rejected_rows order by 3"
    assert query(home, contracts, sql) == [
        (committed.submission_id, "a.csv", 3),
        (committed.submission_id, "a.csv", 7),
    ]
    counts = "rows_read, rows_accepted, rows_rejected"
    sql = f"select status, {counts}, received_at from intake.submissions"
    assert query(home, contracts, sql) == [("partial", 3, 1, 2, MOMENT.replace(tzinfo=None))]


def test_a_missing_file_is_named(home: Home, contracts: Contracts) -> None:
    committed = submit(home, "a", rows((2020, 1.0)))
    (home.root / committed.files[0].path).unlink()
    with pytest.raises(LakeError, match=committed.submission_id):
        start_build(home, contracts)


def test_a_damaged_manifest_is_named(home: Home) -> None:
    (home.manifests / "bad.json").write_text("{", encoding="utf-8")
    with pytest.raises(LakeError, match=r"bad\.json"):
        submissions(home)
    with pytest.raises(LakeError, match=r"bad\.json"):
        find(home, "bad")


def test_received_at_rises_also_when_the_clock_goes_back() -> None:
    future = datetime.now(UTC) + timedelta(hours=1)
    assert next_received_at(future) == future + timedelta(microseconds=1)
    assert next_received_at(None) > MOMENT


def test_the_archive_holds_bytes_once_and_read_only(home: Home, tmp_path: Path) -> None:
    source = tmp_path / "x.csv"
    source.write_bytes(b"abc")
    with source.open("rb") as stream:
        digest, size = archive(home, stream)
    assert (digest[:8], size) == ("ba7816bf", 3)  # FIPS 180-2, B.1
    with source.open("rb") as stream:
        assert archive(home, stream) == (digest, size)
    kept = [p for p in home.archive.rglob("*") if p.is_file()]
    assert [p.name for p in kept] == [digest]
    assert kept[0].stat().st_mode & 0o222 == 0


def test_a_lock_is_held_by_one_process(home: Home) -> None:
    with home.lock("load"):
        with (
            pytest.raises(HomeError, match="another process is busy"),
            home.lock("load", wait_seconds=0),
        ):
            pass
        with home.lock("other", wait_seconds=0):
            pass
    with home.lock("load", wait_seconds=0):
        pass


def test_a_folder_that_is_no_home_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="eco init"):
        Home.at(tmp_path).require()


def test_the_dbt_source_declares_what_a_build_writes() -> None:
    import yaml

    path = Path(__file__).parents[2] / "dbt_project/models/sources/intake.yml"
    tables = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"][0]["tables"]
    declared = {t["name"]: [c["name"] for c in t["columns"]] for t in tables}
    assert declared == {
        "build": list(BUILD_COLUMNS),
        "lake_years": list(LAKE_YEAR_COLUMNS),
        "submissions": list(SUBMISSION_COLUMNS),
        "holds": list(HOLD_COLUMNS),
        "rejected_rows": list(REJECTED_COLUMNS),
    }
