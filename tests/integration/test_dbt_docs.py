"""dbt's documentation as it is published: one page that works from a folder without a network."""

import shutil
from pathlib import Path

import pytest

from orchestration.dbt_build import docs as dbt_docs
from tests.browser import Browser, executable
from tests.conftest import Eco

pytestmark = pytest.mark.slow
MODEL = "model.yangcheng_eco.indicator_progress"


@pytest.fixture(scope="module")
def page(loaded: Eco, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page alone in a folder, as somebody may carry it away."""
    published = loaded.home.report / dbt_docs.FOLDER / "index.html"
    target = tmp_path_factory.mktemp("carried away") / "index.html"
    shutil.copyfile(published, target)
    return target


def test_the_page_names_no_place_of_the_machine_that_made_it(page: Path, loaded: Eco) -> None:
    text = page.read_text(encoding="utf-8")
    for place in (loaded.home.root, Path(dbt_docs.__file__).parents[1]):
        assert str(place) not in text


def test_the_page_shows_a_model_and_asks_nothing_of_the_network(page: Path) -> None:
    program = executable()
    if program is None:
        pytest.skip("no Chromium on this machine; set ECO_CHROMIUM")
    with Browser(program) as browser:
        browser.open(f"{page.as_uri()}#!/model/{MODEL}")
        browser.until("document.body.innerText.includes('baseline_2020')", seconds=60)
        shown = browser.run("document.body.innerText")
        assert "indicator_progress" in shown
        for text in ("baseline_2020", "varchar", "int_indicator_years"):
            assert text in shown.lower(), text
        beside = [r for r in browser.requests if not r.startswith(("data:", "blob:"))]
        assert {r.partition("#")[0] for r in beside} == {page.as_uri()}
        assert browser.problems == []
