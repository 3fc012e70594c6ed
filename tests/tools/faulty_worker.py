"""The program of a worker whose reading of certain files aborts, hangs or takes all memory.

    Workers(..., module="tests.tools.faulty_worker")

A file does so when its bytes begin with the name of a fault, as the fault of a library would; all
other files are read as by the worker itself. `probe` makes a table out of what a worker may do.
"""

import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from orchestration.workers import process
from sources.reading import files


def _take_memory() -> None:
    held = []
    while True:
        held.append(bytearray(64 * 1024 * 1024))


def _take_native_memory() -> None:
    """Take memory in a library that aborts where there is none, as Rust's does."""
    import polars as pl

    pl.repeat("x" * 100, 2_000_000_000, dtype=pl.String, eager=True).str.to_uppercase()


def _write_much() -> None:
    with open(os.environ["TMPDIR"] + "/much", "wb") as file:
        file.truncate(1 << 40)


FAULTS: dict[bytes, Callable[[], object]] = {
    b"abort": os.abort,
    b"hang": lambda: time.sleep(3600),
    b"memory": _take_memory,
    b"native": _take_native_memory,
}
# Each must be refused; the path of a file outside the software comes with the request.
FORBIDDEN: dict[str, Callable[[str], object]] = {
    "socket": lambda _: socket.socket(),
    "unix socket": lambda _: socket.socket(socket.AF_UNIX),
    "program": lambda _: subprocess.run(["/bin/true"], check=True),
    "fork": lambda _: os._exit(0) if os.fork() == 0 else None,
    "signal": lambda _: os.kill(os.getppid(), 0),
    "large file": lambda _: _write_much(),
    "read outside": lambda path: Path(path).read_bytes(),
    "list outside": lambda path: os.listdir(os.path.dirname(path)),
    "write outside": lambda path: Path(path).with_name("new").write_bytes(b""),
    "link outside": lambda path: os.link(path, f"{path}.link"),
    "remove outside": lambda path: os.unlink(path),
}


def _probe(path: str) -> str:
    """Return a table whose rows name what was not refused."""
    allowed = []
    for name, attempt in FORBIDDEN.items():
        try:
            attempt(path)
        except OSError:
            continue
        allowed.append(name)
    return "年份,区域,森林覆盖率\n" + "".join(f"2020,{name},1\n" for name in allowed)


def main() -> None:
    """Run the worker with these faults."""
    read = files.OpenFile.read_bytes

    def faulty(file: files.OpenFile) -> bytes:
        content = read(file)
        for name, fault in FAULTS.items():
            if content.startswith(name):
                fault()
        if content.startswith(b"probe "):
            return _probe(content.removeprefix(b"probe ").decode().strip()).encode()
        return content

    files.OpenFile.read_bytes = faulty  # type: ignore[method-assign]
    process.main()


if __name__ == "__main__":
    main()
