"""The share of `docs/deployment/smb.conf` in a real Samba: what a clerk can do and cannot."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.intake.service import Intake
from sources.contracts import load_contracts
from warehouse.home.layout import Home

CONF = Path(__file__).parents[2] / "docs" / "deployment" / "smb.conf"
CLERK = "games"  # a user that every Debian has and that is nobody else here
PASSWORD = "correct horse"
FOREST = "年份,区域,森林覆盖率\n2021,全县,47\n"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("smbd") and shutil.which("smbclient")) or os.geteuid() != 0,
        reason="needs Samba and root: apt-get install samba smbclient",
    ),
]


class Share:
    """The share of a department, as its clerk's program sees it."""

    def __init__(self, home: Home, conf: Path, port: int) -> None:
        self.home = home
        self.folder = home.department("forestry")
        self._command = [
            *("smbclient", "//127.0.0.1/forestry", "-p", str(port), "-s", str(conf)),
            *("-U", f"{CLERK}%{PASSWORD}", "-c"),
        ]

    def __call__(self, commands: str, folder: Path | None = None) -> str:
        """Run commands of smbclient; return what it prints."""
        done = subprocess.run(
            [*self._command, commands], cwd=folder, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr


def configuration(folder: Path, home: Home, port: int) -> Path:
    """Write Samba's settings: the share as shipped, for this home and clerk."""
    shipped = CONF.read_text("utf-8")
    for place, here in (
        ("/srv/eco/landing/forestry", str(home.department("forestry"))),
        ("@eco-forestry", CLERK),
        ("eco-forestry", CLERK),
    ):
        assert place in shipped
        shipped = shipped.replace(place, here)
    names = ("private dir", "lock directory", "state directory", "cache directory")
    folders = "".join(f"   {n} = {folder}\n" for n in (*names, "pid directory", "ncalrpc dir"))
    conf = folder / "smb.conf"
    conf.write_text(
        f"[global]\n   server role = standalone server\n   smb ports = {port}\n{folders}"
        "   interfaces = 127.0.0.1\n   bind interfaces only = yes\n   load printers = no\n"
        f"   disable spoolss = yes\n   log file = {folder}/log\n{shipped}",
        encoding="utf-8",
    )
    return conf


@pytest.fixture(scope="module")
def share() -> Iterator[Share]:
    # The clerk's user must reach it, which it cannot below pytest's own folder.
    root = Path(tempfile.mkdtemp(prefix="eco-samba-"))
    root.chmod(0o755)
    home = Home.at(root / "home")
    home.create(load_contracts().departments)
    for path, mode in ((home.department("forestry"), 0o3770), (home.receipts("forestry"), 0o2750)):
        shutil.chown(path, group=CLERK)
        path.chmod(mode)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    work = root / "samba"
    work.mkdir()
    conf = configuration(work, home, port)
    subprocess.run(
        ["smbpasswd", "-c", conf, "-a", "-s", CLERK],
        input=f"{PASSWORD}\n{PASSWORD}\n",
        text=True,
        check=True,
        capture_output=True,
    )
    server = subprocess.Popen(
        ["smbd", "--foreground", "--no-process-group", f"--configfile={conf}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # at its end it signals its whole process group
    )
    found = Share(home, conf, port)
    try:
        for _ in range(100):
            if "blocks" in found("ls"):
                break
            time.sleep(0.2)
        yield found
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(root)


def test_a_clerk_drops_files_and_can_take_none_away(share: Share, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FOREST, encoding="utf-8")
    share("put a.csv; mkdir 旧表; put a.csv 旧表/b.csv", tmp_path)
    assert (share.folder / "a.csv").read_text("utf-8") == FOREST
    for command in ("del a.csv", "rename a.csv c.csv", "del 旧表\\b.csv", "rmdir 旧表"):
        assert "NT_STATUS_" in share(command), command
    assert (share.folder / "a.csv").exists() and (share.folder / "旧表" / "b.csv").exists()
    (tmp_path / "a.csv").write_text(FOREST.replace("47", "48"), encoding="utf-8")
    share("put a.csv", tmp_path)
    assert "48" in (share.folder / "a.csv").read_text("utf-8"), "it may be sent anew"


def test_receipts_can_be_read_and_nothing_else(share: Share, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(FOREST, encoding="utf-8")
    share("put d.csv", tmp_path)
    Intake(share.home, load_contracts(), "test").run(settle_seconds=0)
    assert not (share.folder / "d.csv").exists(), "the warehouse takes files away"
    [page] = share.home.receipts("forestry").glob("*d.csv*.html")
    inside = f"receipts\\{page.name}"
    assert page.name in share("ls receipts\\*")
    share(f'get "{inside}" page.html', tmp_path)
    assert (tmp_path / "page.html").read_bytes() == page.read_bytes()
    for command in (f'del "{inside}"', f'rename "{inside}" x.html', "put d.csv receipts\\x.csv"):
        assert "NT_STATUS_" in share(command, tmp_path), command
    assert page.exists() and len(list(page.parent.glob("x.*"))) == 0
