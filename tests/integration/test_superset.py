"""The Superset bundle: what it holds, and with ECO_SUPERSET=1 that a real Superset shows it.

Superset is installed into an environment of its own, below the folder that ECO_SUPERSET_FOLDER
names (1 GB, minutes) or a temporary one.
"""

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.release.service import declared_marts
from tests.browser import Browser, executable
from tests.conftest import Eco
from warehouse.home.settings import DevelopmentSettings
from warehouse.output import superset
from warehouse.output.superset.charts import Chart
from warehouse.output.superset.declared import check, read_declarations
from warehouse.publication.marts import Mart

pytestmark = pytest.mark.slow
SHIPPED = Path(__file__).parents[2] / "docs/deployment/superset"


@pytest.fixture(scope="module")
def marts() -> dict[str, Mart]:
    return declared_marts()


def _files(bundle: Path) -> dict[str, Any]:
    with zipfile.ZipFile(bundle) as opened:
        return {name: yaml.safe_load(opened.read(name)) for name in opened.namelist()}


def test_a_publication_brings_the_bundle(loaded: Eco, marts: Mapping[str, Mart]) -> None:
    files = _files(loaded.home.superset / superset.BUNDLE)
    datasets = {f["table_name"]: f for n, f in files.items() if "/datasets/" in n}
    assert datasets.keys() == {name for name, mart in marts.items() if mart.is_public}
    for name, dataset in datasets.items():
        for column in dataset["columns"]:
            declared = marts[name].columns[column["column_name"]]
            assert declared.is_public
            assert column["verbose_name"] == declared.title_zh
    (database,) = (f for n, f in files.items() if "/databases/" in n)
    assert database["sqlalchemy_uri"] == superset.duckdb_uri(loaded.home.database)


def test_the_same_declarations_give_the_same_bytes(
    tmp_path: Path, marts: Mapping[str, Mart]
) -> None:
    written = []
    for name in ("one.zip", "two.zip"):
        superset.write_bundle(tmp_path / name, "postgresql+psycopg2://reader@host/eco", marts)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_everything_has_an_identifier_of_its_own(tmp_path: Path, marts: Mapping[str, Mart]) -> None:
    superset.write_bundle(tmp_path / "b.zip", "duckdb:///x", marts)
    identifiers = [f["uuid"] for f in _files(tmp_path / "b.zip").values() if "uuid" in f]
    assert len(identifiers) == len(set(identifiers))


def test_a_chart_of_a_column_that_is_missing_is_refused(marts: Mapping[str, Mart]) -> None:
    declared = read_declarations()
    wrong = Chart("wrong", "错", "findings", "table", ("no_metric",), None, {"by": "no_column"})
    with pytest.raises(superset.DeclarationError, match=r"no metric no_metric.*column no_column"):
        check(type(declared)(declared.palettes, {**declared.charts, "wrong": wrong}, ()), marts)


def test_metrics_and_conditions_run_on_the_published_file(
    loaded: Eco, marts: Mapping[str, Mart]
) -> None:
    for mart in marts.values():
        for metric in mart.metrics:
            loaded.sql(f"select {metric.expression} from marts.{mart.name}")
    for chart in read_declarations().charts.values():
        loaded.sql(f"select count(*) from marts.{chart.mart} where {chart.where or 'true'}")


@dataclass
class Superset:
    """A running Superset with the bundle of a home."""

    address: str
    browser: Browser

    def query(self, chart: str) -> list[dict[str, Any]]:
        """Return the rows of a chart, by the request that its saved form makes."""
        script = """(async name => {
          const get = async path => (await (await fetch(path)).json()).result;
          const charts = await get('/api/v1/chart/?q=(page_size:100)');
          const found = await get(`/api/v1/chart/${charts.find(c => c.slice_name === name).id}`);
          const form = JSON.parse(found.params);
          const where = form.adhoc_filters.map(f => `(${f.sqlExpression})`).join(' and ');
          const query = {
            metrics: form.metrics ?? (form.metric ? [form.metric] : undefined),
            columns: form.groupby ?? form.all_columns ?? [],
            extras: {where}, row_limit: form.row_limit};
          const answer = await fetch('/api/v1/chart/data', {
            method: 'POST',
            headers: {'Content-Type': 'application/json',
                      'X-CSRFToken': await get('/api/v1/security/csrf_token/')},
            body: JSON.stringify({datasource: {id: parseInt(form.datasource), type: 'table'},
                                  force: true, queries: [query]})});
          return JSON.stringify(await answer.json());
        })"""
        answer = json.loads(self.browser.run(f"{script}({json.dumps(chart)})"))
        assert "result" in answer, answer
        return list(answer["result"][0]["data"])

    def show(self, slug: str, height: int) -> list[str]:
        """Open a dashboard, wait for its charts and return the errors on it."""
        self.browser.size(1400, height)
        self.browser.open(f"{self.address}/superset/dashboard/{slug}/")
        ready = (
            "document.querySelectorAll('.dashboard-component-chart-holder').length > 3 && "
            "!document.querySelector('.loading, [aria-label=Loading], .ant-spin')"
        )
        self.browser.until(ready, 180)
        time.sleep(3)  # charts are drawn with an animation
        self.browser.until(ready, 180)
        found = self.browser.run(
            "[...document.querySelectorAll('[role=alert], .ant-alert')].map(e => e.innerText)"
        )
        return [text for text in found if text.strip()]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the installation and of the pictures."""
    settings = DevelopmentSettings.load()
    if not settings.superset:
        pytest.skip("a real Superset is tested with ECO_SUPERSET=1 (several minutes)")
    return settings.superset_folder or tmp_path_factory.mktemp("kept")


def _measurements(eco: Eco, year: int) -> None:
    """Drop a made-up year of two stations' days and of four sections' months."""
    days = ["站点名称,日期,PM2.5,PM10,SO2,NO2,CO,O3-8h"]
    for number in range(365):
        day = date(year, 1, 1) + timedelta(number)
        cold = abs(day.month - 7) / 6
        for station, more in (("城区站", 0), ("北留站", 9)):
            fine = round(15 + 75 * cold + 20 * math.sin(number) + more)
            ozone = round(170 - 110 * cold + 15 * math.cos(number))
            days.append(f"{station},{day},{fine},{fine * 2},{8 + more},{20 + more},0.8,{ozone}")
    eco.drop("ecology", f"{year}年日均.csv", "\n".join(days))
    months = ["断面名称,监测时间,河流名称,pH,溶解氧,高锰酸盐指数,化学需氧量,氨氮,总磷"]
    for section, load in (("张峰", 0.2), ("润城", 0.4), ("芦苇河口", 0.9), ("西河", 1.4)):
        for month in range(1, 13):
            k = load * (1 + 0.3 * math.sin(month))
            values = (7.8, 9 - 3 * k, 2 + 4 * k, 8 + 12 * k, 0.2 + 0.8 * k, 0.04 + 0.12 * k)
            shown = ",".join(f"{value:.3f}" for value in values)
            months.append(f"{section},{year}-{month:02d}-10,沁河,{shown}")
    eco.drop("ecology", f"{year}年断面水质.csv", "\n".join(months))


@pytest.fixture(scope="module")
def measured(kept: Path, loaded: Eco, tmp_path_factory: pytest.TempPathFactory) -> Eco:
    """The home of the samples with a year of air and water."""
    eco = Eco(tmp_path_factory.mktemp("measured") / "home")
    shutil.copytree(loaded.home.root, eco.home.root)
    _measurements(eco, 2024)
    eco("nightly")
    return eco


@pytest.fixture(scope="module")
def shown(
    kept: Path, measured: Eco, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Superset]:
    program = executable()
    if program is None:
        pytest.skip("no Chromium: set ECO_CHROMIUM")
    work = tmp_path_factory.mktemp("superset")
    environment = kept / "superset"
    if not (environment / "bin/superset").exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        pip = [environment / "bin/pip", "install", "-q", "-r", SHIPPED / "requirements.txt"]
        subprocess.run(pip, check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    variables = {
        **{k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        "FLASK_APP": "superset.app:create_app",
        "SUPERSET_CONFIG_PATH": str(SHIPPED / "superset_config.py"),
        "SUPERSET_SECRET_KEY": "a secret of this test alone, of enough characters",
        # A metadata database of its own: table names are unique across databases in SQLite's.
        "SUPERSET_METADATA_URI": f"sqlite:///{work}/superset.db",
    }

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [environment / "bin/superset", *arguments],
            env=variables,
            cwd=work,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    run("db", "upgrade")
    person = ("--username", "admin", "--password", "of-this-test", "--email", "a@example.org")
    run("fab", "create-admin", "--firstname", "a", "--lastname", "b", *person)
    run("init")
    run("import-dashboards", "-p", str(measured.home.superset / superset.BUNDLE), "-u", "admin")
    serve = ["run", "-p", str(port), "--with-threads"]
    server = subprocess.Popen(
        [environment / "bin/superset", *serve],
        env=variables,
        cwd=work,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/health")
        with Browser(program) as browser:
            _sign_in(browser, address)
            yield Superset(address, browser)
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(1)
    raise TimeoutError(address)


def _sign_in(browser: Browser, address: str) -> None:
    browser.open(f"{address}/login/")
    browser.until("!!document.querySelector('input[type=password]')", 90)
    browser.run(
        """(() => {
          const write = (field, text) => {
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set
              .call(field, text);
            field.dispatchEvent(new Event('input', {bubbles: true}));
          };
          write(document.querySelector('#username, input[name=username]'), 'admin');
          write(document.querySelector('input[type=password]'), 'of-this-test');
          document.querySelector('button[type=submit], input[type=submit]').click();
          return true;
        })()"""
    )
    browser.until("!location.pathname.startsWith('/login')", 60)


def test_both_dashboards_are_drawn_without_an_error(kept: Path, shown: Superset) -> None:
    for slug, height in (("indicator-progress", 2400), ("environment", 2800)):
        assert shown.show(slug, height) == []
        shown.browser.picture(kept / f"superset-{slug}.png")


def _expected(eco: Eco) -> dict[str, Any]:
    """Return what charts show, asked of the published file in other words."""
    ((good,),) = eco.sql(
        "select count(*) from marts.air_quality_daily where station = '全县' and aqi <= 100"
    )
    statuses = eco.sql(
        "select status_zh, count(*) from marts.indicator_progress "
        "where nature is not null group by 1"
    )
    values = eco.sql(
        "select indicator_id, latest_value from marts.indicator_progress where nature is not null"
    )
    return {"优良天数": good, "状态分布": dict(statuses), "指标一览": dict(values)}


def _found(shown: Superset) -> dict[str, Any]:
    ((good,),) = (row.values() for row in shown.query("优良天数（天）"))
    statuses = {row["status_zh"]: row["indicators"] for row in shown.query("状态分布")}
    values = {row["indicator_id"]: row["latest_value"] for row in shown.query("指标一览")}
    return {"优良天数": good, "状态分布": statuses, "指标一览": values}


def test_charts_have_the_rows_of_the_marts_and_follow_a_publication(
    measured: Eco, shown: Superset
) -> None:
    before = _expected(measured)
    assert _found(shown) == before
    _measurements(measured, 2025)
    measured("nightly")
    after = _expected(measured)
    assert after["优良天数"] > before["优良天数"]
    assert _found(shown) == after
