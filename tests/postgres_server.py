"""A PostgreSQL server of the tests' own, on loopback, below the system's temporary folder."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def postgres_folder() -> Path | None:
    """Where PostgreSQL's programs are; Debian keeps them off the path."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextmanager
def running_server(programs: Path) -> Iterator[str]:
    """Start a server in a folder of its own; yield its address, stop it afterwards."""
    user = None
    if os.geteuid() == 0:  # it refuses to run as root
        user = next((u.pw_name for u in pwd.getpwall() if u.pw_name == "postgres"), "nobody")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="eco-postgres-"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        log = folder / "log"
        done = subprocess.run(
            [programs / program, "-D", folder / "data", *arguments],
            user=user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server would keep a pipe open
            stderr=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, log.read_text() if log.exists() else program

    options = f"-h 127.0.0.1 -p {port} -k {folder} -F -c max_connections=20"
    try:
        run("initdb", "-U", "eco", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield f"postgresql://eco@127.0.0.1:{port}/postgres"
    finally:
        if (folder / "data/postmaster.pid").exists():
            run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a PostgreSQL of this test's own, below the system's temporary folder."""
    programs = postgres_folder()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with running_server(programs) as address:
        yield address
