"""The portal's pages in a headless browser, on a desktop and on a phone, as a clerk uses them."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import uvicorn

from orchestration.portal.app import Portal
from orchestration.portal.users import Users
from sources.contracts import load_contracts
from tests import browser
from tests.browser import Browser
from tests.unit.test_portal import FOREST, PASSWORD, QUESTION, publish_question
from warehouse.home.layout import Home

CHROMIUM = browser.executable()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (or ECO_CHROMIUM)"),
]
SIZES = {"desktop": (1280, 900, False), "phone": (390, 844, True)}
HOSTILE = "<img src=x onerror=alert(1)>.csv"


class Served(NamedTuple):
    """A portal that is being served, with its intake."""

    address: str
    portal: Portal


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    contracts = load_contracts()
    home = Home.at(tmp_path_factory.mktemp("portal"))
    home.create(contracts.departments)
    Users(home).add("lin", "forestry", PASSWORD)
    publish_question(home)
    portal = Portal(home, contracts)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(portal.application(), log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", portal)
        server.should_exit = True
        thread.join(10)


def sign_in(page: Browser, address: str) -> None:
    page.open(f"{address}/sign-in")
    page.run(
        "(() => { document.querySelector('[name=name]').value = 'lin';"
        f"document.querySelector('[name=password]').value = '{PASSWORD}';"
        "document.querySelector('main form').submit(); })()"
    )
    page.until("document.getElementById('drop') !== null && document.readyState === 'complete'")


def drop(page: Browser, name: str, content: bytes) -> None:
    """Drop a file on the upload area, as the file manager does."""
    page.run(
        "(() => { const data = new DataTransfer();"
        f"data.items.add(new File([{content.decode()!r}], {name!r}));"
        "document.getElementById('drop').dispatchEvent("
        "new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true})); })()"
    )


@pytest.mark.parametrize("size", SIZES)
def test_a_clerk_signs_in_drops_a_file_and_reads_its_receipt(
    served: Served, size: str, tmp_path: Path
) -> None:
    assert CHROMIUM is not None
    width, height, phone = SIZES[size]
    name = f"2021年-{size}.csv"
    with Browser(CHROMIUM) as page:
        page.size(width, height, phone=phone)
        sign_in(page, served.address)
        began = time.monotonic()
        drop(page, name, FOREST + f"2021,凤城镇,{40 + len(size)}\n".encode())
        page.until(f"document.querySelector('#receipts').innerText.includes({name!r})", 30)
        assert time.monotonic() - began < 30
        drop(page, HOSTILE, FOREST)
        page.until("document.querySelector('#uploads .error')?.innerText.includes('不能含有')")
        assert not page.run("document.querySelector('#uploads img')")
        for place in ("/", "/receipts", "/questions", "/templates", "/manual"):
            page.open(f"{served.address}{place}")
            wide = page.run("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{place} is wider than the window by {wide}"
            whole = place != "/manual"
            page.picture(tmp_path / f"{size}-{place.strip('/') or 'overview'}.png", whole=whole)
            assert not page.problems, place
        page.open(f"{served.address}/")
        assert "逾期" in page.run("document.querySelector('.mark.refused').innerText")
        page.run(
            "[...document.querySelectorAll('#receipts a')].find(a => /2021/.test(a.text)).click()"
        )
        page.until("document.body?.innerText.includes('数据回执')")
        page.open(f"{served.address}/questions")
        page.run(
            f"(() => {{ const field = document.getElementById('e-{QUESTION}');"
            f"field.value = '已核实 {size}'; field.form.requestSubmit(); }})()"
        )
        page.until("document.body?.innerText.includes('说明已提交')")
