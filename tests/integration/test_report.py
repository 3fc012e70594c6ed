"""The report in a headless Chromium: first screen, lists, indicators, map, screen, phone, paper.

Ten years of made-up values in a published file (tests/ten_years.py), names with markup among them.
Without a browser on the machine these tests are skipped; `.ci/run` installs one where it can.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import axe_core_python
import duckdb
import pytest

from orchestration.release.service import declared_marts
from sources.contracts import load_contracts
from tests import ten_years
from tests.browser import Browser, executable
from tests.conftest import Eco
from warehouse import report
from warehouse.home.clock import COUNTY_ZONE
from warehouse.output import bulletins
from warehouse.publication.current import PublishError
from warehouse.publication.manifest import BuildInfo, Changes, PublicationManifest
from warehouse.report.registry import pages

pytestmark = pytest.mark.slow

MAX_BYTES = 5_000_000
MAX_PHONE_HEIGHT = 20_000  # CSS pixels
MANIFEST = PublicationManifest(
    stamp="20261121T000000000000Z",
    built_at="2026-11-20T18:00:00+00:00",
    schema_version="1.0.0",
    build=BuildInfo(software_version="test"),
    changes=Changes(against="20261120T000000000000Z"),
)
DRAWN = "document.documentElement.dataset.drawn"
VISIBLE = "e => e.checkVisibility()"
# Charts that are shown and have no line, bar or point in them.
EMPTY_CHARTS = f"""[...document.querySelectorAll('[data-chart]')].filter({VISIBLE})
  .filter(e => !e.querySelector('svg path')).map(e => e.dataset.chart)"""
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
VIOLATIONS = """axe.run(document, {resultTypes: ['violations'] %s}).then(r => r.violations.map(
  v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(' ')))"""
# What colours and a narrow screen can change.
ON_A_PHONE = ", runOnly: ['color-contrast', 'scrollable-region-focusable']"
# Texts that are read, without codes and file names, which are marked as not to be translated.
READ = """(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest('[translate=no], script, style, noscript, svg')) {
      found.push(walker.currentNode.data);
    }
  }
  return found.concat([...document.querySelectorAll('[aria-label], [title], [placeholder]')].map(
    e => [e.ariaLabel, e.title, e.placeholder].join(' '))).join('\\n');
})()"""
# Formulas, units, standards, plan numbers and codes are written in Latin letters in Chinese, too.
LATIN = re.compile(
    r"PM2\.5|PM10|SO2|NO2|NOx|O3|CO2?|AQI|COD|BOD5|VOCs?|TSP|GDP|GB|HJ|pH|III|II|IV|DB|ISO|LED|"
    r"[A-Z]{1,2}\d+(-\d+)*(-[A-Z]\d+)*|[kmc]?m[²³]|[mμ]?g|kW|MW|mg/L|tce|[A-Za-z]"
)
ENGLISH = re.compile(r"[A-Za-z]{2,}")


def english(text: str) -> set[str]:
    """The words of a text that are not Chinese and no formula, unit or code."""
    words = re.findall(r"[A-Za-z0-9./³²μ-]*[A-Za-z][A-Za-z0-9./³²μ-]*", text)
    kept = {re.sub(LATIN, " ", word) for word in words if not LATIN.fullmatch(word)}
    return {word for word in kept if ENGLISH.search(word)}


@pytest.fixture(scope="module")
def surroundings() -> report.Surroundings:
    return report.Surroundings(declared_marts(), load_contracts())


@pytest.fixture(scope="module")
def folder(
    loaded: Eco, tmp_path_factory: pytest.TempPathFactory, surroundings: report.Surroundings
) -> Path:
    """The pages of ten years."""
    made = tmp_path_factory.mktemp("report")
    database = ten_years.make(loaded.home.database, made / "eco.duckdb")
    report.write(database, made, MANIFEST, surroundings)
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


def _open(
    browser: Browser, page: Path, width: int = 1280, height: int = 900, *, at: str = ""
) -> None:
    browser.size(width, height, phone=width < 500)
    browser.open(page.as_uri() + at)
    browser.until(DRAWN)


def _colours(browser: Browser, scheme: str) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.call("Emulation.setEmulatedMedia", media="", features=[feature])


def _texts(browser: Browser, selector: str) -> list[Any]:
    return browser.run(
        f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.textContent)"
    )


def _barriers(browser: Browser, options: str = "") -> list[str]:
    """What axe finds on the open page."""
    browser.run(f"{AXE};0")
    return browser.run(VIOLATIONS % options)


def _choose(browser: Browser, name: str, value: object) -> None:
    browser.run(
        f"(() => {{ const s = document.querySelector('[data-filter={name}]');"
        f"s.value = {json.dumps(str(value))}; s.dispatchEvent(new Event('change')); }})()"
    )


@pytest.mark.parametrize("page", pages())
def test_pages_are_complete_and_in_chinese(folder: Path, browser: Browser, page: str) -> None:
    """Every chart has something in it, no message, no English, no barrier (axe).

    No request but for the page and the folder's assets: a folder on a share or a stick is all.
    """
    path = folder / f"{page}.html"
    _open(browser, path)
    assert browser.problems == []
    asked, *assets = browser.requests
    assert asked == path.as_uri()
    assert {address.rpartition("/")[0] for address in assets} == {(folder / "assets").as_uri()}
    assert browser.run(EMPTY_CHARTS) == []
    read = browser.run(READ).replace(ten_years.HOSTILE, "").replace("\u2028", "")
    assert not english(read), page
    assert _barriers(browser) == []
    assert browser.run("document.querySelectorAll('h1').length") == 1
    assert browser.run("document.documentElement.lang") == "zh-CN"


def test_the_folder_is_light(folder: Path) -> None:
    """All pages of ten years and what they share; a list that was cut says so."""
    files = [*folder.glob("*.html"), *(folder / "assets").iterdir()]
    assert sum(path.stat().st_size for path in files) < MAX_BYTES


@pytest.mark.parametrize("page", pages())
def test_a_phone_shows_all_in_dark_colours(folder: Path, browser: Browser, page: str) -> None:
    """390 px: nothing wider than the screen, no tiny text, no endless page, no barrier."""
    _colours(browser, "dark")
    try:
        _open(browser, folder / f"{page}.html", 390, 844)
        assert browser.run("document.documentElement.dataset.theme") == "dark"
        assert _barriers(browser, ON_A_PHONE) == []
    finally:
        _colours(browser, "light")
    assert browser.run("document.documentElement.scrollWidth") <= 390
    assert browser.run("document.documentElement.scrollHeight") < MAX_PHONE_HEIGHT
    assert browser.run(EMPTY_CHARTS) == []
    small = browser.run(
        f"""[...document.querySelectorAll('main *')].filter({VISIBLE})
        .filter(e => !e.closest('svg')
          && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .filter(e => parseFloat(getComputedStyle(e).fontSize) < 11).length"""
    )
    assert small == 0
    assert browser.problems == []


# ---- The first screen ----


def test_the_first_screen_begins_with_what_needs_attention(folder: Path, browser: Browser) -> None:
    """Regressed, then behind, with reason, owner and change; then attained; not measured folded."""
    _open(browser, folder / "index.html")
    counted = dict(
        _rows(folder, "select status_zh, indicators from marts.indicator_statuses order by 1")
    )
    leads = _texts(browser, "#attention > .lead")
    assert leads[0].startswith(f"▼{counted['倒退']}项倒退：")
    assert leads[1].startswith(f"◆{counted['滞后']}项滞后：")
    urgent = _rows(
        folder,
        "select indicator_id, responsible_department_zh from marts.indicator_progress "
        "where nature is not null and status in ('regressed', 'behind')",
    )
    entries = "#attention > .entries article"
    owners = browser.run(
        f"[...document.querySelectorAll('{entries}')].map(e => [e.dataset.id, e.innerText])"
    )
    shown = dict(owners)
    assert sorted(shown) == sorted(indicator for indicator, _ in urgent)
    for indicator, owner in urgent:
        assert owner in shown[indicator]
        assert "实际" in shown[indicator]
    changed = _rows(
        folder,
        "select indicator_id from marts.publication_changes where column_name = 'status_zh'",
    )
    assert all("由“正常推进”变为“倒退”" in shown[indicator] for (indicator,) in changed)
    tops = browser.run(
        "['attention', 'reached', 'left'].map("
        "id => document.getElementById(id).getBoundingClientRect().top)"
    )
    assert tops == sorted(tops)
    assert browser.run("document.querySelector('#left details').open") is False
    tiles = browser.run(
        "[...document.querySelectorAll('.tile')].map("
        "e => [e.querySelector('span').lastChild.textContent, +e.querySelector('b').textContent])"
    )
    assert dict(tiles) == counted
    meaning = browser.run("document.querySelector('details.rules').textContent")
    assert all(status in meaning for status in counted)


def test_a_pair_of_both_plans_is_one_card(folder: Path, browser: Browser) -> None:
    _open(browser, folder / "indicators.html", at="#q=优良天数比率&kind=规划指标")
    assert browser.run("document.querySelectorAll('.card').length") == 1
    lines = browser.run("[...document.querySelectorAll('.card .line')].map(e => e.dataset.id)")
    assert lines == ["A02", "B07"]


def test_values_have_the_decimals_of_their_indicator(folder: Path, browser: Browser) -> None:
    """The mart's decimals; more where two different values would read alike."""
    _open(browser, folder / "index.html")
    declared = _rows(
        folder, "select indicator_id, decimals from marts.dim_indicator where decimals < 4"
    )
    for indicator, decimals in declared[:20]:
        written = f"eco.indicators.value(eco.indicators.byId.get('{indicator}'), %s)"
        shown = browser.run(written % "1.23456789")
        assert len(shown.partition(".")[2]) == decimals, indicator
        apart = [browser.run(written % pair) for pair in ("86.99996, 87", "87, 86.99996")]
        assert apart == ["86.99996", "87"]


# ---- Lists ----


def test_filters_leave_what_they_name(folder: Path, browser: Browser) -> None:
    """Domain, nature, department, status, each value against the marts; the address has it."""
    _open(browser, folder / "indicators.html")
    columns = {
        "domain": "domain_zh",
        "nature": "nature",
        "department": "responsible_department_zh",
        "status": "status_zh",
    }
    ((total,),) = _rows(folder, "select count(*) from marts.indicator_progress")
    for name, column in columns.items():
        counts = _rows(
            folder,
            f"select {column}, count(*) from marts.indicator_progress "
            f"where {column} is not null group by 1 order by 1",
        )
        for value, count in counts:
            _choose(browser, name, value)
            assert browser.run("decodeURIComponent(location.hash)") == f"#{name}={value}"
            shown = _texts(browser, "#count")[0]
            assert shown.startswith(f"{count} / {total} 项"), (name, value)
        _choose(browser, name, "")
    assert browser.problems == []


def test_the_address_restores_a_list(folder: Path, browser: Browser) -> None:
    """A link with filter, sorting and opened row; the back button takes each step back."""
    _open(browser, folder / "projects.html")
    everything = _texts(browser, "#projects h2 small")[0]
    _choose(browser, "lateness_zh", "停工")
    stopped = _rows(
        folder, "select count(*) from marts.key_projects where is_counted and lateness = 'stopped'"
    )[0][0]
    browser.until(
        f"document.querySelector('#projects h2 small').textContent.startsWith('{stopped} ')"
    )
    browser.run("[...document.querySelectorAll('button.sort')].at(1).click()")
    browser.until("document.querySelector('th[aria-sort=ascending]')?.textContent === '项目名称'")
    names = _texts(browser, "#projects tbody td:nth-child(2)")
    assert names == browser.run(f"{json.dumps(names)}.sort(new Intl.Collator('zh-CN').compare)")
    browser.run("document.querySelector('#projects tbody button.open').click()")
    opened = browser.until("document.querySelector('dialog[open]')?.innerText")
    assert "建设内容" in opened
    address = browser.run("location.href")
    _open(browser, folder / "search.html")
    browser.open(address)
    browser.until("document.querySelector('dialog[open]') !== null")
    assert _texts(browser, "#projects h2 small")[0].startswith(f"{stopped} ")

    _open(browser, folder / "projects.html")
    _choose(browser, "lateness_zh", "停工")
    browser.run("document.querySelector('#projects tbody button.open').click()")
    browser.until("document.querySelector('dialog[open]') !== null")
    browser.run("void setTimeout(() => history.back())")
    browser.until("!document.querySelector('dialog[open]')")
    browser.run("void setTimeout(() => history.back())")
    browser.until(f"document.querySelector('#projects h2 small').textContent === '{everything}'")
    assert browser.problems == []


def test_search_knows_other_names(folder: Path, browser: Browser) -> None:
    """PM2.5 finds 细颗粒物 and the other way round; full width and case do not matter."""
    found = {}
    for words in ("PM2.5", "细颗粒物", "ｐｍ２.５"):
        _open(browser, folder / "search.html", at=f"#q={words}")
        found[words] = _texts(browser, "#found a small")
    assert {"A01", "B08"} <= set(found["PM2.5"])
    assert found["PM2.5"] == found["细颗粒物"] == found["ｐｍ２.５"]
    _open(browser, folder / "indicators.html", at="#q=细颗粒物")
    both = browser.run("[...document.querySelectorAll('.line')].map(e => e.dataset.id).sort()")
    _open(browser, folder / "indicators.html", at="#q=PM2.5")
    assert (
        browser.run("[...document.querySelectorAll('.line')].map(e => e.dataset.id).sort()") == both
    )
    assert {"A01", "B08"} <= set(both)


def test_a_tap_on_a_phone_leads_to_the_results(folder: Path, browser: Browser) -> None:
    """Filters fold away after a choice; findings are cards with their titles."""
    _open(browser, folder / "findings.html", 390, 844)
    browser.run("document.querySelector('details.filters').open = true")
    department = browser.run("document.querySelector('[data-filter=severity_zh]').options[1].value")
    _choose(browser, "severity_zh", department)
    top = "document.querySelector('.results tr:has(td)').getBoundingClientRect().top"
    browser.until(f"{top} >= 0 && {top} < 400")
    row = "document.querySelector('.results tbody tr')"
    assert browser.run(f"getComputedStyle({row}).display") == "block"
    _open(browser, folder / "index.html", 390, 844)
    browser.run("document.querySelector('.tile').click()")
    browser.until(
        "location.pathname.endsWith('indicators.html') && document.querySelector('.card') !== null"
    )
    assert browser.run("document.querySelector('.card').getBoundingClientRect().top") < 500


def test_what_nobody_was_named_for_is_counted(folder: Path, browser: Browser) -> None:
    """The summary of the work plan is the mart's (plan A 8.2.2)."""
    _open(browser, folder / "work_plan.html")
    shown = browser.run(
        "[...document.querySelectorAll('#counts tbody tr')]"
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


def test_datasets_have_their_chinese_names(folder: Path, browser: Browser) -> None:
    codes = {code for (code,) in _rows(folder, "select distinct dataset from marts.submissions")}
    _open(browser, folder / "findings.html")
    shown = browser.run("document.getElementById('findings').textContent")
    assert "社会经济" in shown
    assert not [code for code in codes - {None} if code in shown]


def test_markup_in_the_data_stays_text(folder: Path, browser: Browser) -> None:
    """A name with a script's end and an image that would call home is shown as it is written."""
    for page in ("index", "findings", "daily", "weekly", "monthly"):
        _open(browser, folder / f"{page}.html")
        assert not browser.run("document.querySelectorAll('img').length"), page
        assert not [a for a in browser.requests if "example.invalid" in a], page
        assert "</script><img" in browser.run("document.body.textContent"), page


def test_what_is_not_public_is_on_no_page(
    folder: Path, tmp_path: Path, surroundings: report.Surroundings
) -> None:
    """The names in private columns; a query for one fails, whatever the page."""
    private = [
        (mart.name, column.name)
        for mart in surroundings.marts.values()
        for column in mart.columns.values()
        if not column.is_public
    ]
    assert ("work_plan", "responsible_person") in private
    database = tmp_path / "eco.duckdb"
    database.write_bytes((folder / "eco.duckdb").read_bytes())
    with duckdb.connect(str(database)) as connection:
        for mart, column in private:
            connection.execute(f"update marts.{mart} set {column} = '不公开甲'")
    report.write(database, tmp_path, MANIFEST, surroundings)
    assert not [p.name for p in tmp_path.glob("*.html") if "不公开甲" in p.read_text("utf-8")]


# ---- An indicator in full ----


def test_an_indicator_in_full_by_mouse_and_keyboard(folder: Path, browser: Browser) -> None:
    """Baseline, target, milestones, values, findings, lineage of one indicator; Esc closes it."""
    (indicator, file), *_ = _rows(
        folder,
        "select indicator_id, min(file_name) from marts.indicator_lineage "
        "inner join marts.indicator_progress using (indicator_id) "
        "where status = 'regressed' group by 1 order by 1",
    )
    _open(browser, folder / "indicators.html", at=f"#q={indicator}")
    link = f"document.querySelector('.line[data-id={indicator}] a')"
    for way in ("click", "enter"):
        if way == "click":
            browser.run(f"{link}.click()")
        else:
            browser.run(f"{link}.focus()")
            key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
            browser.call("Input.dispatchKeyEvent", type="keyDown", **key)
        shown = browser.until("document.querySelector('dialog[open]')?.innerText")
        for words in ("2020年基准", "逐年数值", "任务分解", "数据溯源", "计算方法", "问题（"):
            assert words in shown, words
        assert file in browser.run("document.querySelector('dialog').textContent")
        assert browser.run("location.hash").startswith(f"#{indicator}")
        assert browser.run("document.querySelector('dialog .chart svg path') !== null")
        browser.call(
            "Input.dispatchKeyEvent", type="keyDown", key="Escape", windowsVirtualKeyCode=27
        )
        browser.until("!document.querySelector('dialog[open]') && location.hash.startsWith('#q=')")
    assert browser.problems == []


def test_figures_of_a_line_stand_apart_on_a_phone(folder: Path, browser: Browser) -> None:
    """Ten years on 360 px: neither years nor values are written over each other."""
    _open(browser, folder / "indicators.html", 360, 780, at="#A02")
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


# ---- Townships ----


def _square(name: str, x: float, y: float) -> dict[str, Any]:
    corners = [[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y + 0.1], [x, y]]
    geometry = {"type": "Polygon", "coordinates": [corners]}
    return {"type": "Feature", "properties": {"NAME": name}, "geometry": geometry}


def test_townships_as_tiles_and_as_a_map(
    folder: Path, browser: Browser, tmp_path: Path, surroundings: report.Surroundings
) -> None:
    """The same values either way; a township opens by tap; what the file lacks is named."""
    _open(browser, folder / "townships.html", at="#indicator=A06&year=2025")
    tiles = browser.run(
        "[...document.querySelectorAll('.tile-grid .area')].map(e => [e.dataset.area, e.innerText])"
    )
    best = _rows(
        folder,
        "select area from marts.township_indicators "
        "where indicator_id = 'A06' and year = 2025 and best_rank = 1",
    )[0][0]
    assert [area for area, _ in tiles] == list(ten_years.TOWNSHIPS)
    assert "第1名" in dict(tiles)[best]
    squares = [
        _square(name.removesuffix("镇"), 112.2 + 0.1 * (i % 4), 35.3 + 0.1 * (i // 4))
        for i, name in enumerate(ten_years.TOWNSHIPS[:-1])
    ]
    outlines = tmp_path / "townships.geojson"
    outlines.write_text(json.dumps({"type": "FeatureCollection", "features": squares}))
    with_map = replace(surroundings, boundaries=outlines)
    report.write(folder / "eco.duckdb", tmp_path, MANIFEST, with_map, only=["townships"])
    _open(browser, tmp_path / "townships.html", at="#indicator=A06&year=2025")
    assert browser.run("document.querySelectorAll('#map svg .area').length") == 14
    assert f"没有边界的乡镇：{ten_years.TOWNSHIPS[-1]}" in browser.run("document.body.innerText")
    label = browser.run(f"document.querySelector('[data-area={best}]')?.getAttribute('aria-label')")
    assert label is None or "第1名" in label
    first = ten_years.TOWNSHIPS[0]
    browser.run(f"document.querySelector('[data-area={first}]').dispatchEvent(new Event('click'))")
    browser.until(f"document.getElementById('township-name').textContent === '{first}'")
    assert _barriers(browser) == []
    outlines.write_text("{")
    report.write(folder / "eco.duckdb", tmp_path, MANIFEST, with_map, only=["townships"])
    _open(browser, tmp_path / "townships.html")
    assert "乡镇边界文件未能使用：文件不是有效的JSON" in browser.run("document.body.innerText")
    assert browser.run("document.querySelectorAll('.tile-grid .area').length") == 15


# ---- Paper ----


def test_print_view(folder: Path, browser: Browser, tmp_path: Path) -> None:
    """On paper: no controls, all cards with their charts, light colours, the filter in words."""
    _colours(browser, "dark")
    _open(browser, folder / "indicators.html")
    _colours(browser, "light")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run("document.documentElement.dataset.theme") == "light"
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert browser.run("getComputedStyle(document.querySelector('nav')).display") == "none"
        assert browser.run("document.getElementById('printed-filter').checkVisibility()")
        ((count,),) = _rows(folder, "select count(*) from marts.indicator_progress")
        assert browser.run("document.querySelectorAll('.line').length") == count
        assert browser.run(EMPTY_CHARTS) == []
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")
    _open(browser, folder / "summary.html")
    browser.pdf(tmp_path / "summary.pdf")
    assert 1 < len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "summary.pdf").read_bytes())) <= 4
    browser.size(700, 900)
    browser.open(folder / "weekly.html")  # narrow as a sheet may be, it is no phone
    browser.until(DRAWN)
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        row = "document.querySelector('.stack tbody tr')"
        assert browser.run(f"getComputedStyle({row}).display") == "table-row"
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")


# ---- Bulletins ----


@pytest.mark.parametrize(
    ("page", "label"), [("weekly", "week"), ("monthly", "strftime(month, '%Y-%m')")]
)
def test_a_period_s_page_shows_the_mart_s_counts(
    folder: Path, browser: Browser, page: str, label: str
) -> None:
    """Tiles, list and heading of several periods, by the address's name, against the mart."""
    _open(browser, folder / f"{page}.html")
    periods = _rows(
        folder,
        f"select {label}, sum(alerts) filter (where kind = 'air_station'), sum(alerts) "
        f"from marts.alerts_{page} where period_end < date '2026-11-20' "
        "group by 1 order by 1 desc limit 3",
    )
    for name, stations, alerts in periods:
        browser.run(f"location.hash = '{name}'")
        browser.until(f"document.getElementById('period').value === '{name}'")
        tiles = browser.run("[...document.querySelectorAll('#tiles b')].map(e => e.textContent)")
        assert int(tiles[1]) == stations, name
        listed = browser.run("document.querySelectorAll('#list tbody tr').length")
        assert listed == min(alerts, 40)
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


def test_editions_stay_as_they_were_issued(
    copy_of_loaded: Eco, surroundings: report.Surroundings
) -> None:
    """Issued once, logged once, whatever is published after; not of a period that is not over."""
    home = copy_of_loaded.home
    now = datetime.now(COUNTY_ZONE)
    issued = {
        kind: bulletins.write_edition(home, kind, now, surroundings.marts)
        for kind in bulletins.KINDS
    }
    before = {kind: path.read_bytes() for kind, path in issued.items()}
    listed = replace(surroundings, issued=bulletins.issued_editions(home))
    report.write(home.database, home.report, replace(MANIFEST, stamp="another"), listed)
    again = {
        kind: bulletins.write_edition(home, kind, now, surroundings.marts)
        for kind in bulletins.KINDS
    }
    assert again == issued
    page = (home.report / "editions.html").read_text("utf-8")
    assert all(f"../bulletins/{kind}/{path.name}" in page for kind, path in issued.items())
    assert {kind: path.read_bytes() for kind, path in issued.items()} == before
    log = bulletins.issues(home)
    assert [issue.kind for issue in log] == list(bulletins.KINDS)
    assert [issue.period for issue in log] == [path.stem for path in issued.values()]
    with pytest.raises(PublishError, match="run: eco nightly"):
        later = now.replace(year=now.year + 1)
        bulletins.write_edition(home, "monthly", later, surroundings.marts)
