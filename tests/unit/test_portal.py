"""The portal: sign-in, uploads, receipts, and the attacks that such a page draws."""

import os
import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from urllib.parse import quote

import duckdb
import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from orchestration.intake.service import Intake
from orchestration.portal.app import Portal
from orchestration.portal.sessions import COOKIE, RateLimit
from orchestration.portal.uploads import UploadRefused, safe_name
from orchestration.portal.users import UserError, Users
from sources.contracts import load_contracts
from sources.limits import Limits
from warehouse.home.layout import Home

PASSWORD = "correct horse battery"
FOREST = "年份,区域,森林覆盖率\n2021,全县,47\n".encode()
CONTRACTS = load_contracts()


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords in a millisecond: argon2 is slow on purpose."""
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("orchestration.portal.users.PasswordHasher", cheap)


@pytest.fixture
def portal(empty_home: Home) -> Portal:
    users = Users(empty_home)
    users.add("lin", "forestry", PASSWORD)
    users.add("shui", "water_affairs", PASSWORD)
    return Portal(empty_home, CONTRACTS)


@pytest.fixture
def client(portal: Portal) -> Iterator[TestClient]:
    with TestClient(portal.application(with_intake=False), follow_redirects=False) as made:
        yield made


def sign_in(client: TestClient, name: str = "lin", password: str = PASSWORD) -> int:
    return client.post("/sign-in", data={"name": name, "password": password}).status_code


def csrf(portal: Portal) -> str:
    (session,) = portal.sessions._sessions.values()
    return session.csrf


def upload(client: TestClient, portal: Portal, name: str, content: bytes, **headers: str):
    headers = {"x-csrf-token": csrf(portal), "x-file-name": quote(name), **headers}
    return client.post("/upload", content=content, headers=headers)


QUESTION = "a" * 12


def publish_question(home: Home) -> None:
    """Publish a finding of forestry's and one of another department, and what was delivered."""
    home.database.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(home.database)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.findings as select * from (values "
            f"('{QUESTION}', 'verify', '总量', '面积不符 <b>', null, 'forestry', 'new', 'r', 's'), "
            f"('{'b' * 12}', 'notice', '跳变', '用水', null, 'water_affairs', 'new', 'r', 's')) "
            "as t (finding_id, severity, rule_zh, detail_zh, explanation, department, state, rule, "
            "subject)"
        )
        connection.execute(
            "create table marts.department_scorecard as select * from (values "
            "('forestry', 'forest_pests', '林业', '2023', date '2024-02-15', null), "
            "('forestry', 'forest_pests', '林业', '2025', date '2026-02-14', date '2026-01-20')) "
            "as t (department, dataset, dataset_zh, period, due_on, received_on)"
        )


def explanation(portal: Portal) -> dict[str, str]:
    return {"csrf": csrf(portal), "finding_id": QUESTION, "explanation": "已核实，属实"}


def take_in(home: Home) -> None:
    Intake(home, CONTRACTS, "test").run(settle_seconds=0)


def test_every_page_wants_a_sign_in(client: TestClient) -> None:
    for path in ("/", "/receipts", "/questions", "/templates", "/manual", "/receipts/a.html"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert client.get("/latest").status_code == 401
    assert client.post("/upload", content=FOREST).status_code == 401


def test_an_uploaded_file_is_taken_in_and_its_receipt_shown(
    client: TestClient, portal: Portal
) -> None:
    assert sign_in(client) == 303
    answer = upload(client, portal, "2021年.csv", FOREST)
    assert answer.json() == {"name": "2021年.csv", "size": len(FOREST)}
    assert portal.home.department("forestry").joinpath("2021年.csv").read_bytes() == FOREST
    assert not list(portal.home.department("forestry").glob(".*"))
    take_in(portal.home)
    (receipt,) = client.get("/latest").json()["receipts"]
    assert (receipt["status_zh"], receipt["rows_accepted"]) == ("已入库", 1)
    page = client.get(f"/receipts/{quote(receipt['page'])}")
    assert page.status_code == 200 and "2021年.csv" in page.text
    assert "2021年.csv" in client.get("/receipts").text


def test_no_page_changes_anything(client: TestClient, portal: Portal) -> None:
    def files() -> dict[str, tuple[int, int]]:
        found = (p for p in sorted(portal.home.root.rglob("*")) if p.is_file())
        return {str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in found}

    sign_in(client)
    upload(client, portal, "2021年.csv", FOREST)
    take_in(portal.home)
    before = files()
    routes = portal.application(with_intake=False).routes
    paths = [route.path for route in routes if "GET" in (route.methods or ())]
    assert len(paths) > 8
    for path in paths:
        filled = path.replace("{name}", "a.html").replace("{dataset}", "forest_resources")
        assert client.get(f"{filled}?delete=1").status_code in (200, 303, 404), path
    assert files() == before


def test_the_file_is_in_landing_for_the_portals_own_intake(portal: Portal) -> None:
    with TestClient(portal.application(), follow_redirects=False) as client:
        assert sign_in(client) == 303
        assert upload(client, portal, "a.csv", FOREST).status_code == 200
        for _ in range(200):
            if client.get("/latest").json()["receipts"]:
                break
            time.sleep(0.1)
        assert client.get("/latest").json()["receipts"][0]["file_name"] == "a.csv"


HOSTILE_NAMES = [
    *("../water_affairs/a.csv", "/etc/a.csv", "..", ".", "", "a/b.csv", "a\\b.csv", "C:\\a.csv"),
    *(".hidden.csv", "~$a.xlsx", "a.csv.tmp", "a.part", "Thumbs.db", "a\0b.csv", "a\nb.csv"),
    *("a\u202ecsv.exe", "<script>.csv", "x" * 300 + ".csv"),
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_that_could_lead_elsewhere_are_refused(
    client: TestClient, portal: Portal, name: str
) -> None:
    sign_in(client)
    before = {p for p in portal.home.root.rglob("*")}
    answer = upload(client, portal, name, FOREST)
    assert answer.status_code == 400 and answer.json()["error"].endswith("。")
    assert {p for p in portal.home.root.rglob("*")} == before


def test_a_second_file_of_a_name_does_not_replace_the_first(
    client: TestClient, portal: Portal
) -> None:
    sign_in(client)
    upload(client, portal, "a.csv", FOREST)
    assert upload(client, portal, "a.csv", b"x").json()["name"] == "a（2）.csv"
    assert portal.home.department("forestry").joinpath("a.csv").read_bytes() == FOREST


def test_a_link_in_place_of_the_departments_folder_is_not_followed(
    client: TestClient, portal: Portal
) -> None:
    sign_in(client)
    folder = portal.home.department("forestry")
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    folder.rmdir()
    folder.symlink_to(portal.home.department("water_affairs"))
    assert upload(client, portal, "a.csv", FOREST).status_code == 503
    publish_question(portal.home)
    answer = client.post("/questions", data=explanation(portal))
    assert answer.status_code == 503 and "暂时无法保存" in answer.text
    assert not list(portal.home.department("water_affairs").glob("*.csv"))


def test_a_question_is_answered_by_a_table_in_landing(client: TestClient, portal: Portal) -> None:
    sign_in(client)
    publish_question(portal.home)
    page = client.get("/questions").text
    assert "核实性" in page and "面积不符 &lt;b&gt;" in page and QUESTION in page
    assert (
        client.post("/questions", data=explanation(portal)).headers["location"].endswith("sent=1")
    )
    (sent,) = portal.home.department("forestry").glob("问题说明-*.csv")
    assert sent.read_text("utf-8-sig").split("\n")[1].startswith(f"{QUESTION},已核实，属实,lin")
    take_in(portal.home)
    assert client.get("/latest").json()["receipts"][0]["datasets_zh"] == "问题说明"
    foreign = explanation(portal) | {"finding_id": "b" * 12}
    assert client.post("/questions", data=foreign).status_code == 400, "another department's"


def test_what_is_overdue_comes_first_and_then_what_comes_due(portal: Portal) -> None:
    """On 2026-02-01 the forest's figures of 2025 are not due yet, and the pests' have come."""
    publish_question(portal.home)
    due = portal.content.due("forestry", date(2026, 2, 1))
    assert (due[0].dataset, due[0].period, due[0].days_late) == ("forest_pests", "2023", 717)
    coming = {(item.dataset, item.period): item.days_late for item in due[1:]}
    assert coming == {
        ("afforestation", "2025"): -13,
        ("forest_resources", "2025"): -28,
    }
    assert portal.content.due("transport", date(2026, 2, 1)) == []


def test_large_and_empty_files_are_refused_and_leave_nothing(
    client: TestClient, portal: Portal
) -> None:
    sign_in(client)
    portal.limits = Limits(max_bytes=1000)
    assert upload(client, portal, "a.csv", b"x" * 1001).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(50):
            yield b"x" * 100

    headers = {"x-csrf-token": csrf(portal), "x-file-name": "a.csv"}
    assert client.post("/upload", content=endless(), headers=headers).status_code == 413
    assert upload(client, portal, "a.csv", b"").status_code == 400
    folder = portal.home.department("forestry")
    assert [p.name for p in folder.iterdir()] == ["receipts"]


def test_a_slow_upload_is_ended(
    client: TestClient, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client)
    monkeypatch.setattr("orchestration.portal.uploads._GRACE_SECONDS", -1.0)
    monkeypatch.setattr("orchestration.portal.uploads.LEAST_BYTES_PER_SECOND", 10**12)
    assert upload(client, portal, "a.csv", FOREST).status_code == 408
    assert [p.name for p in portal.home.department("forestry").iterdir()] == ["receipts"]


def test_actions_want_the_sessions_token_and_this_site_as_origin(
    client: TestClient, portal: Portal
) -> None:
    sign_in(client)
    assert upload(client, portal, "a.csv", FOREST, **{"x-csrf-token": "x"}).status_code == 403
    stranger = {"origin": "http://evil.example"}
    assert upload(client, portal, "a.csv", FOREST, **stranger).status_code == 403
    answer = client.post("/questions", data={"finding_id": "0" * 12, "explanation": "x"})
    assert answer.status_code == 403
    assert not list(portal.home.department("forestry").glob("*.csv"))


def test_get_changes_nothing(client: TestClient, portal: Portal) -> None:
    sign_in(client)
    for path in ("/upload", "/sign-out"):
        assert client.get(path).status_code == 405
    assert client.get("/").status_code == 200


def test_no_department_sees_anothers_receipts_or_templates(
    client: TestClient, portal: Portal
) -> None:
    sign_in(client)
    upload(client, portal, "a.csv", FOREST)
    take_in(portal.home)
    (receipt,) = client.get("/latest").json()["receipts"]
    client.cookies.clear()
    portal.sessions._sessions.clear()
    sign_in(client, "shui")
    assert client.get("/latest").json()["receipts"] == []
    for name in (receipt["page"], f"../../forestry/receipts/{receipt['page']}", "../a.csv"):
        assert client.get(f"/receipts/{quote(name, safe='')}").status_code == 404
    assert client.get("/templates/forest_resources.xlsx").status_code == 404
    assert client.get("/templates/irrigation.xlsx").status_code == 200


def test_a_link_among_the_receipts_is_not_followed(client: TestClient, portal: Portal) -> None:
    sign_in(client)
    os.symlink("/etc/passwd", portal.home.receipts("forestry") / "x.txt")
    assert client.get("/receipts/x.txt").status_code == 404


def test_a_cookie_of_another_making_or_of_a_removed_account_is_worth_nothing(
    client: TestClient, portal: Portal
) -> None:
    client.cookies.set(COOKIE, "x" * 43)
    assert client.get("/").status_code == 303
    client.cookies.clear()
    sign_in(client)
    stolen = client.cookies[COOKIE]
    token = csrf(portal)
    assert client.post("/sign-out", data={"csrf": token}).status_code == 303
    client.cookies.set(COOKIE, stolen)
    assert client.get("/").status_code == 303
    client.cookies.clear()
    sign_in(client)
    portal.users.remove("lin")
    assert client.get("/").status_code == 303


def test_sessions_end_when_they_are_idle(
    client: TestClient, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client)
    monkeypatch.setattr("orchestration.portal.sessions.IDLE_SECONDS", -1.0)
    assert client.get("/").status_code == 303


def test_guessing_a_password_is_slowed_down(client: TestClient) -> None:
    answers = [sign_in(client, password="wrong") for _ in range(9)]
    assert answers == [403] * 8 + [429]
    assert sign_in(client) == 429


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(portal: Portal) -> None:
    portal.secure = True
    with TestClient(portal.application(with_intake=False), follow_redirects=False) as client:
        answer = client.post("/sign-in", data={"name": "lin", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "secure"))


def test_pages_carry_the_headers_that_browsers_enforce(client: TestClient) -> None:
    headers = client.get("/sign-in").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_names_are_shown_as_text(client: TestClient, portal: Portal) -> None:
    sign_in(client)
    path = portal.home.department("forestry") / "<img src=x onerror=alert(1)>.csv"
    path.write_bytes(FOREST)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    take_in(portal.home)
    page = client.get("/receipts").text
    assert "<img" not in page and "&lt;img" in page


def test_accounts_are_kept_with_hashes_that_others_cannot_read(empty_home: Home) -> None:
    users = Users(empty_home)
    users.add("lin", "forestry", PASSWORD)
    text = users.path.read_text("utf-8")
    assert PASSWORD not in text and "$argon2id$" in text
    assert users.path.stat().st_mode & 0o077 == 0
    assert users.verified("lin", PASSWORD) is not None
    assert users.verified("lin", "wrong") is None
    assert users.verified("nobody", PASSWORD) is None


@pytest.mark.parametrize(
    ("name", "password"), [("a b", PASSWORD), ("lin", "short"), ("x", "y" * 20)]
)
def test_weak_accounts_are_refused(empty_home: Home, name: str, password: str) -> None:
    with pytest.raises(UserError):
        Users(empty_home).add(name, "forestry", password)


def test_a_rate_limit_counts_by_key() -> None:
    limit = RateLimit(2, 60)
    assert [limit.allows("a"), limit.allows("a"), limit.allows("a"), limit.allows("b")] == [
        *(True, True, False),
        True,
    ]


def test_ordinary_names_pass() -> None:
    for name in ("2021年森林.csv", "a b (1).xlsx", "表①.ZIP"):
        assert safe_name(name) == name
    with pytest.raises(UploadRefused):
        safe_name("x/../y")
