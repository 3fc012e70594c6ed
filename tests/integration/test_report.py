"""The report in a headless Chromium: every chart draws, no error, no request; screen, phone, paper.

Ten years of made-up values in a published file (tests/ten_years.py), names with markup among them.
Without a browser on the machine these tests are skipped; `.ci/run` installs one where it can.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from tests import ten_years
from tests.browser import Browser, executable
from tests.conftest import Eco
from warehouse import report
from warehouse.home.clock import COUNTY_ZONE
from warehouse.output import bulletins
from warehouse.publication.current import PublishError
from warehouse.publication.manifest import BuildInfo, PublicationManifest

pytestmark = pytest.mark.slow

MAX_BYTES = 5_000_000
PAGES = ("index", "daily", "weekly", "monthly")
MANIFEST = PublicationManifest(
    stamp="20261121T000000000000Z",
    built_at="2026-11-20T18:00:00+00:00",
    schema_version="1.0.0",
    build=BuildInfo(software_version="test"),
)
DRAWN = "document.documentElement.dataset.drawn"
VISIBLE = "e => e.offsetParent !== null"
# Charts that are shown and have no line, bar or point in them.
EMPTY_CHARTS = f"""[...document.querySelectorAll('[data-chart]')].filter({VISIBLE})
  .filter(e => !e.querySelector('svg path')).map(e => e.dataset.chart)"""


@pytest.fixture(scope="module")
def folder(loaded: Eco, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of ten years."""
    made = tmp_path_factory.mktemp("report")
    database = ten_years.make(loaded.home.database, made / "eco.duckdb")
    report.write(database, made, MANIFEST)
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = executable()
    if program is None:
        pytest.skip("no Chromium here: apt-get install chromium, or set ECO_CHROMIUM")
    with Browser(program) as opened:
        yield opened


def _rows(folder: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(folder / "eco.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def _open(browser: Browser, page: Path, width: int = 1320, height: int = 900) -> None:
    browser.size(width, height, phone=width < 500)
    browser.open(page)
    browser.until(DRAWN)


@pytest.mark.parametrize("page", PAGES)
def test_pages_draw_quietly_and_alone(folder: Path, browser: Browser, page: str) -> None:
    """Every chart has something in it, no console message, nothing but the file is asked for."""
    path = folder / f"{page}.html"
    assert path.stat().st_size < MAX_BYTES
    _open(browser, path)
    assert browser.problems == []
    assert browser.requests == [path.as_uri()]
    assert browser.run(EMPTY_CHARTS) == []
    charts = browser.run("document.querySelectorAll('[data-chart]').length")
    assert charts > (100 if page == "index" else 0)
    unnamed = browser.run(
        "[...document.querySelectorAll('[data-chart] svg')].filter(e => "
        "e.closest('[role=img]')?.getAttribute('aria-label') === null).length"
    )
    assert unnamed == 0


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_shows_all_without_sideways_scrolling(
    folder: Path, browser: Browser, page: str
) -> None:
    """360 px: no part is wider than the page unless it scrolls in itself; text is not tiny."""
    _open(browser, folder / f"{page}.html", 360, 780)
    assert browser.run("document.documentElement.scrollWidth") <= 360
    assert browser.run(EMPTY_CHARTS) == []
    small = browser.run(
        f"""[...document.querySelectorAll('main *')].filter({VISIBLE})
        .filter(e => !e.closest('svg')
          && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .filter(e => parseFloat(getComputedStyle(e).fontSize) < 11).length"""
    )
    assert small == 0
    assert browser.problems == []


def test_figures_of_a_line_stand_apart_on_a_phone(folder: Path, browser: Browser) -> None:
    """Ten years on 360 px: neither years nor values are written over each other."""
    _open(browser, folder / "index.html", 360, 780)
    browser.run("document.querySelector('.card').click()")
    browser.until("document.querySelector('dialog .chart svg path') !== null")
    overlapping = browser.run(
        """(() => {
          const boxes = [...document.querySelectorAll('dialog .chart svg text')].map(
            e => [e.textContent, e.getBoundingClientRect()]).filter(([t]) => /^[0-9.]+$/.test(t));
          return boxes.flatMap(([a, r], i) => boxes.slice(i + 1).filter(([, s]) =>
            r.left < s.right - 1 && s.left < r.right - 1
            && r.top < s.bottom - 4 && s.top < r.bottom - 4
          ).map(([b]) => a + ' ' + b));
        })()"""
    )
    assert overlapping == []


def test_datasets_have_their_chinese_names(folder: Path, browser: Browser) -> None:
    codes = {code for (code,) in _rows(folder, "select distinct dataset from marts.submissions")}
    _open(browser, folder / "index.html")
    said = browser.run("document.getElementById('findings').textContent")
    assert "社会经济" in said
    assert not [code for code in codes - {None} if code in said]


def test_what_nobody_was_named_for_is_counted(folder: Path, browser: Browser) -> None:
    """The summary of the work plan is the mart's (plan A 8.2.2)."""
    _open(browser, folder / "index.html")
    shown = browser.run(
        "[...document.querySelectorAll('#work-plan tbody tr')]"
        ".map(r => [...r.cells].map(c => c.textContent))"
    )
    counted = _rows(
        folder,
        "select year, item_kind_zh, count(*) filter (where assignment = 'assigned'), "
        "count(*) filter (where assignment = 'no_person'), "
        "count(*) filter (where assignment = 'unassigned') from marts.work_plan "
        "group by 1, 2 order by 1 desc, 2",
    )
    assert shown == [[str(value) for value in row] for row in counted]
    assert len(shown) == 15


def test_markup_in_the_data_stays_text(folder: Path, browser: Browser) -> None:
    """A name with a script's end and an image that would call home is shown as it is written."""
    for page in reversed(PAGES):
        _open(browser, folder / f"{page}.html")
        assert not browser.run("document.querySelectorAll('img').length"), page
        assert not [a for a in browser.requests if "example.invalid" in a], page
    first = browser.run("document.querySelector('.card h4').textContent")
    assert "</script><img" in browser.run("document.body.innerText"), first


def test_filters_leave_what_they_name(folder: Path, browser: Browser) -> None:
    """Domain, nature, department, status, each value against the marts."""
    _open(browser, folder / "index.html")
    columns = {
        "domain": "domain_zh",
        "nature": "coalesce(nature, '文本目标')",
        "department": "responsible_department_zh",
        "status": "status_zh",
    }
    for name, column in columns.items():
        counts = dict(
            _rows(folder, f"select {column}, count(*) from marts.indicator_progress group by 1")
        )
        listed = browser.run(f"[...document.getElementById('{name}').options].map(o => o.value)")
        assert set(counts) - {None} <= set(listed) - {""}, name
        for value, count in counts.items():
            shown = browser.run(
                f"(() => {{ const s = document.getElementById('{name}');"
                f"s.value = {json.dumps(value)};"
                "s.dispatchEvent(new Event('input'));"
                "return document.querySelectorAll('.card:not([hidden])').length; })()"
            )
            assert shown == count, (name, value)
        browser.run("document.getElementById('clear').click()")
    assert browser.run("document.querySelectorAll('.card:not([hidden])').length") == 102
    assert browser.problems == []


def test_an_indicator_in_full_by_mouse_and_keyboard(folder: Path, browser: Browser) -> None:
    """Baseline, target, milestones, values, findings, lineage of one indicator; Esc closes it."""
    _open(browser, folder / "index.html")
    (indicator, file), *_ = _rows(
        folder,
        "select indicator_id, min(file_name) from marts.indicator_lineage group by 1 order by 1",
    )
    card = f".card[data-id={indicator}]"
    for way in ("click()", "dispatchEvent(new KeyboardEvent('keydown', {key: ' '}))"):
        browser.run(f"document.querySelector('{card}').{way}")
        said = browser.until("document.querySelector('dialog[open]')?.innerText")
        for words in ("2020年基准", "逐年数值", "任务分解", "数据溯源", "计算方法", "问题（"):
            assert words in said, words
        assert file in browser.run("document.querySelector('dialog').textContent")
        assert browser.run("location.hash") == f"#{indicator}"
        assert browser.run("document.querySelector('dialog .chart svg path') !== null")
        browser.call(
            "Input.dispatchKeyEvent", type="keyDown", key="Escape", windowsVirtualKeyCode=27
        )
        browser.until("!document.querySelector('dialog[open]') && !location.hash")
    assert browser.problems == []


def test_a_control_has_a_name(folder: Path, browser: Browser) -> None:
    """What a screen reader says of each button, link and field; one heading of level 1."""
    for page in PAGES:
        _open(browser, folder / f"{page}.html")
        nameless = browser.run(
            "[...document.querySelectorAll("
            "'button, a[href], select, input, [role=button]')].filter(e =>"
            "!(e.textContent.trim() || e.getAttribute('aria-label') || e.closest('label'))).length"
        )
        assert nameless == 0, page
        assert browser.run("document.querySelectorAll('h1').length") == 1
        assert browser.run("document.documentElement.lang") == "zh-CN"


def test_print_view(folder: Path, browser: Browser, tmp_path: Path) -> None:
    """On paper: no controls, every chart drawn, the filter in words."""
    _open(browser, folder / "index.html")
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert browser.run("getComputedStyle(document.querySelector('nav')).display") == "none"
        assert browser.run("document.getElementById('printed-filter').offsetParent !== null")
        browser.pdf(tmp_path / "report.pdf")
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")
    browser.size(700, 900)
    browser.open(folder / "weekly.html")  # narrow as a sheet may be, it is no phone
    browser.until(DRAWN)
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        row = "document.querySelector('.stack tbody tr')"
        assert browser.run(f"getComputedStyle({row}).display") == "table-row"
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")
    pages = re.findall(rb"/Type\s*/Page\b", (tmp_path / "report.pdf").read_bytes())
    assert 5 < len(pages) < 80


@pytest.mark.parametrize(("page", "mart"), [("weekly", "week"), ("monthly", "month")])
def test_a_period_s_page_shows_the_mart_s_counts(
    folder: Path, browser: Browser, page: str, mart: str
) -> None:
    """Tiles, list and heading of several periods, by the address's name, against the mart."""
    _open(browser, folder / f"{page}.html")
    periods = _rows(
        folder,
        f"select {mart}, sum(alerts) filter (where kind = 'air_station'), sum(alerts) "
        f"from marts.alerts_{page}ly where period_end < date '2026-11-20' "
        "group by 1 order by 1 desc limit 3".replace("lyly", "ly"),
    )
    for label, stations, alerts in periods:
        browser.run(f"location.hash = '{label}'")
        browser.until(f"document.getElementById('period').value === '{label}'")
        tiles = browser.run("[...document.querySelectorAll('#tiles b')].map(e => e.textContent)")
        assert int(tiles[1]) == stations, label
        assert browser.run("document.querySelectorAll('#list tbody tr').length") == alerts
        assert browser.run("document.getElementById('list-count').textContent") == f"{alerts} 条"
    if page == "weekly":
        totals: list[str] = browser.run(
            "[...document.querySelectorAll('#by-day [data-total]')].map(e => e.textContent)"
        )
        assert sum(map(int, totals)) == periods[-1][2]
    assert browser.problems == []


@pytest.mark.parametrize(
    ("kind", "day", "label", "first", "last"),
    [
        ("daily", date(2026, 3, 1), "2026-02-28", date(2026, 2, 28), date(2026, 2, 28)),
        ("weekly", date(2027, 1, 4), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("weekly", date(2027, 1, 10), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("monthly", date(2026, 1, 1), "2025-12", date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_the_period_before_a_day(kind: str, day: date, label: str, first: date, last: date) -> None:
    assert bulletins.period_before(kind, day) == (label, first, last)


def test_editions_stay_as_they_were_issued(copy_of_loaded: Eco) -> None:
    """Issued once, logged once, whatever is published after; not of a period that is not over."""
    home = copy_of_loaded.home
    now = datetime.now(COUNTY_ZONE)
    issued = {kind: bulletins.write_edition(home, kind, now) for kind in bulletins.KINDS}
    before = {kind: path.read_bytes() for kind, path in issued.items()}
    report.write(home.database, home.report, replace(MANIFEST, stamp="another"))
    assert {k: bulletins.write_edition(home, k, now) for k in bulletins.KINDS} == issued
    assert {kind: path.read_bytes() for kind, path in issued.items()} == before
    log = bulletins.issues(home)
    assert [issue.kind for issue in log] == list(bulletins.KINDS)
    assert [issue.period for issue in log] == [path.stem for path in issued.values()]
    with pytest.raises(PublishError, match="run: eco nightly"):
        bulletins.write_edition(home, "monthly", now.replace(year=now.year + 1))
