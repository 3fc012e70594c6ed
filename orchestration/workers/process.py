"""The program of a worker: reads the files that it is handed, one after another.

    python -m orchestration.workers.process SOCKET MEMORY_BYTES FILE_BYTES

It is given open files, opens no path of a data home and answers with JSON; rows go as Parquet into
a file that it is handed. It ends when the service is gone.
"""

import errno
import faulthandler
import json
import logging
import os
import pickle
import select
import signal
import socket
import sys
import sysconfig
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from orchestration.workers import confinement
from orchestration.workers.messages import Request, receive_request, send
from warehouse.home.software import PROJECT

if TYPE_CHECKING:
    from sources.contracts import Contracts

# What Python and its libraries read while they run.
_READABLE = ("/usr", "/lib", "/lib64", "/etc", "/proc/self", "/proc/meminfo", "/sys/devices/system")
_PACKAGES = ("sources", "warehouse", "orchestration")
_CODES = "dbt_project/seeds/codes"  # the rules, with whose tolerances rows are compared
_GRACE_SECONDS = 5  # the service ends a worker first, unless it is gone itself


def _readable() -> list[Path]:
    paths = [Path(p) for p in (*_READABLE, "/dev/null", "/dev/urandom", sys.prefix)]
    paths += [Path(sys.base_prefix), *map(Path, sysconfig.get_paths().values())]
    entries = {Path(p).resolve() for p in sys.path if p} - {PROJECT}
    # A data home may lie inside the project's folder.
    return [*paths, *entries, *(PROJECT / name for name in (*_PACKAGES, _CODES))]


def _confine(file_bytes: int) -> None:
    """Give up what reading does not need; before the libraries start threads."""
    confinement.be_the_first_to_go()
    confinement.limit_files(file_bytes)
    confinement.refuse_paths(_readable(), [Path(os.environ["TMPDIR"])])
    if not confinement.refuse_system_calls():
        confinement.refuse_in_python()


def _load_libraries() -> None:
    """Import what reading needs and use it once: the memory limit counts from there."""
    import pandera.polars  # noqa: F401
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    import sources.read_file  # noqa: F401
    import warehouse.lake.commit  # noqa: F401

    frame = pl.scan_csv(b"a\n1\n").with_columns(b=pl.col("a") + 1).collect(engine="streaming")
    pq.write_table(frame.to_arrow(), pa.BufferOutputStream())


def _end_with_service(connection: socket.socket) -> None:
    """End this process as soon as the other side of the socket is closed."""

    def watch() -> None:
        poll = select.poll()
        poll.register(connection, select.POLLRDHUP)
        poll.poll()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Log(logging.Handler):
    """Keeps the messages of a request; they are part of its reply."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.messages: list[tuple[str, int, str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep logger, level, text and traceback."""
        trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self.messages.append((record.name, record.levelno, record.getMessage(), trace))


class Worker:
    """Answers requests."""

    def __init__(self) -> None:
        self.log = _Log()
        self._contracts: Contracts | None = None
        for package in _PACKAGES:
            logging.getLogger(package).addHandler(self.log)

    def answer(self, request: Request, files: list[int]) -> dict[str, Any]:
        """Return the reply to a request. `stopped` in it ends this process."""
        self.log.messages.clear()
        signal.alarm(request.seconds + _GRACE_SECONDS)
        try:
            return {**self._perform(request, files), "log": self.log.messages}
        except MemoryError:
            return {"stopped": "memory"}
        except OSError as error:  # of writing: what is wrong with the file is in its tables
            if error.errno == errno.EFBIG:
                return {"stopped": "size"}
            return {"os_error": [error.errno, error.strerror, error.filename]}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
        finally:
            signal.alarm(0)
            for file in files:
                os.close(file)

    def _perform(self, request: Request, files: list[int]) -> dict[str, Any]:
        if request.contracts is not None:
            self._contracts = pickle.loads(request.contracts)
        task = self._read if request.task == "read" else self._mark
        with os.fdopen(os.dup(files[1]), "wb") as target:
            return task(request, files, target)

    def _read(self, request: Request, files: list[int], target: BinaryIO) -> dict[str, Any]:
        from sources.read_file import read_file
        from sources.reading.files import OpenFile
        from warehouse.lake.commit import encode_rows
        from warehouse.lake.submissions import submission_id

        assert self._contracts is not None
        tables = read_file(
            OpenFile(files[0]),
            file_name=request.file_name,
            department=request.department,
            contracts=self._contracts,
            received=request.moment,
        )
        found = []
        for table in tables:
            rows = encode_rows(
                submission_id(request.department, request.sha256, table.sheet),
                file_name=request.file_name,
                sheet=table.sheet,
                contract=self._contracts[table.dataset] if table.dataset else None,
                accepted=table.accepted,
                rejected=table.rejected,
                target=target,
            )
            found.append({"summary": table.summary(), "rows": rows.to_dict()})
        return {"tables": found}

    def _mark(self, request: Request, files: list[int], target: BinaryIO) -> dict[str, Any]:
        import polars as pl

        from sources.reading.files import OpenFile
        from sources.receipts.marked import marked_workbook
        from warehouse.lake.submissions import REJECTED_COLUMNS

        assert self._contracts is not None
        assert request.moment is not None
        rejected, at = [], 0
        content = OpenFile(files[2]).read_bytes()
        for size in request.rejected:
            part = content[at : at + size]
            rejected.append(
                pl.read_parquet(part) if size else pl.DataFrame(schema=REJECTED_COLUMNS)
            )
            at += size
        workbook = marked_workbook(
            OpenFile(files[0]),
            file_name=request.file_name,
            department=request.department,
            contracts=self._contracts,
            tables=list(zip(request.tables, rejected, strict=True)),
            moment=request.moment,
        )
        target.write(workbook or b"")
        return {"marked": workbook is not None}


def main() -> None:
    """Answer requests until the service closes the socket or memory runs out."""
    faulthandler.enable()
    for ending in (signal.SIGINT, signal.SIGTERM):  # a service that is asked to end finishes a file
        signal.signal(ending, signal.SIG_IGN)
    number, memory_bytes, file_bytes = map(int, sys.argv[1:])
    _confine(file_bytes)
    connection = socket.socket(fileno=number)
    _end_with_service(connection)
    _load_libraries()
    worker = Worker()
    confinement.limit_memory(memory_bytes)
    send(connection, b"{}")
    while (request := receive_request(connection)) is not None:
        reply = worker.answer(*request)
        send(connection, json.dumps(reply).encode())
        if "stopped" in reply:
            break


if __name__ == "__main__":
    main()
