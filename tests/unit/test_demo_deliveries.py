"""The made-up county of `eco init --demo full`: what it delivers, without loading it."""

from collections import Counter
from datetime import date

import pytest

from orchestration.demo.county import County
from orchestration.demo.deliveries import deliveries
from orchestration.demo.make import make_demonstration
from sources.contracts import load_contracts
from warehouse.home import demonstration
from warehouse.home.demonstration import Demonstration
from warehouse.home.layout import Home, HomeError

CONTRACTS = load_contracts()
DAY = date(2026, 11, 27)


def county(day: date = DAY, seed: int = 1) -> County:
    return County(day, seed, CONTRACTS.areas.townships)


def test_every_dataset_is_delivered_by_a_department_that_may() -> None:
    found = deliveries(county(), CONTRACTS)
    for contract in CONTRACTS:
        senders = {
            each.department for each in found if each.file_name.startswith(contract.title_zh)
        }
        assert senders & set(contract.departments_allowed), contract.dataset


def test_a_seed_gives_the_same_files_and_another_one_others() -> None:
    first, again, other = (deliveries(county(seed=seed), CONTRACTS) for seed in (1, 1, 2))

    def texts(found: list) -> list:  # a workbook says when it was written
        return [each for each in found if not each.file_name.endswith(".xlsx")]

    assert texts(first) == texts(again)
    assert texts(first) != texts(other)


@pytest.mark.parametrize("day", [date(2026, 4, 1), DAY, date(2027, 1, 31), date(2028, 2, 29)])
def test_files_come_in_rounds_up_to_the_day(day: date) -> None:
    made = county(day)
    assert made.last_year >= 2025
    assert sorted(made.rounds) == made.rounds and made.rounds[-1] == day
    late = {each.department for each in deliveries(made, CONTRACTS)[-12:]}
    assert "housing" not in late, "it owes the last months"
    per_round = Counter(each.moment for each in deliveries(made, CONTRACTS))
    assert max(per_round.values()) > 60 and len(per_round) >= len(set(made.rounds))


def test_a_home_with_data_and_a_day_too_early_are_refused(empty_home: Home) -> None:
    with pytest.raises(ValueError, match="2026-04-01 or later"):
        make_demonstration(empty_home, CONTRACTS, date(2026, 3, 31))
    with pytest.raises(ValueError, match="has not come yet"):
        make_demonstration(empty_home, CONTRACTS, date(2199, 1, 1))
    (empty_home.department("forestry") / "a.csv").write_text("x", encoding="utf-8")
    with pytest.raises(HomeError, match="has data already"):
        make_demonstration(empty_home, CONTRACTS, DAY)
    assert demonstration.label_of(empty_home) is None
    assert demonstration.demonstration_of(empty_home) is None


def test_the_mark_says_of_which_day_the_data_is(empty_home: Home) -> None:
    demonstration.mark(empty_home, Demonstration(day=DAY, seed=7))
    found = demonstration.demonstration_of(empty_home)
    assert found is not None and (found.day, found.seed) == (DAY, 7)
    assert demonstration.label_of(empty_home) == "演示数据"
