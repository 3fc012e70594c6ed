"""The pool of workers: starts them, hands them files, ends those that take too long or die.

A worker is started when it is first needed and lives as long as this process. A file that ends
one is read once more in a new one, so that neither the memory that files before it have left
behind nor an operator's `kill` is taken for its fault.
"""

import atexit
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from pickle import HIGHEST_PROTOCOL, dumps
from typing import TYPE_CHECKING, Any, BinaryIO, Literal
from weakref import WeakKeyDictionary

from orchestration.workers.messages import Request, receive_reply, send
from sources.limits import MIB
from warehouse.home.settings import ReadingSettings

if TYPE_CHECKING:
    from sources.contracts import Contracts
    from warehouse.lake.commit import EncodedRows

log = logging.getLogger(__name__)
Cause = Literal["crash", "time", "memory", "size"]
_START_SECONDS, _END_SECONDS = 180, 5
_LARGEST_RESULT = 4096 * MIB
_NO_MEMORY = ("memory allocation of", "Cannot allocate memory", "bad_alloc", "out of memory")
_WORDS = 64 * 1024  # bytes of a worker's last words that are looked at
_KEPT, _FIRST = 2_000, 200  # characters of them that are kept, and of their first line


class ReadingStopped(Exception):
    """A file ended the worker that read it, or was taking too much.

    `detail_zh` is for the receipt, `details` (the worker's last words) are for a developer.
    """

    def __init__(self, cause: Cause, detail_zh: str, details: str = "") -> None:
        super().__init__(f"{cause} {details}".partition("\n")[0][:_FIRST].strip())
        self.cause = cause
        self.detail_zh = detail_zh
        self.details = details[:_KEPT]


class WorkerError(RuntimeError):
    """No worker could be started, or our own code failed in one; it is no file's fault."""


class WorkerTraceback(Exception):
    """The traceback of an error in a worker, as text."""


@dataclass(frozen=True)
class ReadTable:
    """One table of a file: `TableResult.summary()`, and where its rows are in the result."""

    summary: Mapping[str, Any]
    rows: "EncodedRows"

    @property
    def sheet(self) -> str:
        """Name of the sheet; empty where there is but one table."""
        return str(self.summary["sheet"])


class _Worker:
    """One process, with the socket to it."""

    def __init__(self, memory_bytes: int, module: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="eco-worker-")
        self.words = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", module),
                    *(str(number), str(memory_bytes), str(_LARGEST_RESULT)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=self.words,
                stderr=self.words,
                cwd=self.folder.name,
                pass_fds=(number,),
                env=self._environment(),
                start_new_session=True,  # Ctrl-C is for the service
            )
        self.connection = ours
        self.ready = False
        self.contracts: bytes | None = None

    def _environment(self) -> dict[str, str]:
        """Return what a worker needs of the environment; secrets of the service are not in it."""
        wanted = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
        kept = {name: os.environ[name] for name in wanted if name in os.environ}
        kept |= {n: v for n, v in os.environ.items() if n.startswith("POLARS_")}
        path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path if entry)
        return {**kept, "PYTHONPATH": path, "TMPDIR": self.folder.name}

    def wait_until_ready(self) -> None:
        """Wait for its first message. Raises WorkerError."""
        if self.ready:
            return
        try:
            receive_reply(self.connection, time.monotonic() + _START_SECONDS)
        except (OSError, EOFError, ValueError) as error:
            self._wait_and_end()
            raise WorkerError(f"no worker process can be started: {self.last_words()}") from error
        self.ready = True

    def last_words(self) -> str:
        """Return what it wrote to standard error at last."""
        self.words.seek(max(0, self.words.seek(0, os.SEEK_END) - _WORDS))
        words = self.words.read().decode(errors="replace")
        return words.partition("\n\nExtension modules:")[0].strip()

    def ask(self, request: Request, files: Sequence[int], seconds: int) -> dict[str, Any]:
        """Return the reply. Raises ReadingStopped; then the process is gone."""
        until = time.monotonic() + seconds
        try:
            self.connection.settimeout(seconds)
            send(self.connection, request.to_bytes(), files)
            reply: dict[str, Any] = json.loads(receive_reply(self.connection, until))
        except TimeoutError as error:
            self.end()
            raise ReadingStopped("time", f"读取超过 {seconds} 秒") from error
        except (OSError, EOFError, ValueError) as error:
            raise self._death() from error
        if (cause := reply.get("stopped")) is not None:
            self.end()
            raise _too_much(cause)
        return reply

    def _death(self) -> ReadingStopped:
        if not self._wait_and_end():
            return ReadingStopped("crash", "读取程序异常退出", "its reply was no reply")
        code, words = self.process.returncode, self.last_words()
        if code == -signal.SIGALRM:
            return ReadingStopped("time", "读取超时")
        if any(text in words for text in _NO_MEMORY):
            return _too_much("memory", words)
        if self.killed:  # most often by the kernel, where the machine has no more
            return _too_much("memory", "SIGKILL")
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return ReadingStopped("crash", "读取程序异常退出", f"{name} {words}".strip())

    def _wait_and_end(self) -> bool:
        """End the process; return whether it had ended by itself, within some seconds."""
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.end()
        return True

    @property
    def killed(self) -> bool:
        """Whether the kernel or an operator has ended the process."""
        return self.process.returncode == -signal.SIGKILL

    def alive(self) -> bool:
        """Return whether the process runs."""
        return self.process.poll() is None

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        self.folder.cleanup()


def _too_much(cause: str, details: str = "") -> ReadingStopped:
    if cause == "size":
        return ReadingStopped("size", "读取结果过大", details)
    return ReadingStopped("memory", "读取需要的内存超过上限", details)


class Workers:
    """Up to `most` workers. Its methods may be called from several threads at once.

    `memory_bytes` and `seconds` are the limits of one file, `module` is the workers' program.
    """

    def __init__(
        self,
        *,
        memory_bytes: int,
        seconds: int,
        most: int = 2,
        module: str = "orchestration.workers.process",
    ) -> None:
        self.memory_bytes = memory_bytes
        self.seconds = seconds
        self._module = module
        self._idle: list[_Worker] = []
        self._free = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._pickled: WeakKeyDictionary[Contracts, bytes] = WeakKeyDictionary()

    @property
    def limits(self) -> dict[str, int]:
        """The limits of one file, as records of files that exceeded them keep them."""
        return {"memory_bytes": self.memory_bytes, "seconds": self.seconds}

    def _new(self) -> _Worker:
        return _Worker(self.memory_bytes, self._module)

    def start(self) -> None:
        """Begin to start a worker unless one has nothing to do; do not wait for it."""
        with self._lock:
            if not self._idle:
                self._idle.append(self._new())

    def read(
        self,
        source: Path,
        target: BinaryIO,
        *,
        file_name: str,
        department: str,
        sha256: str,
        moment: datetime,
        contracts: "Contracts",
    ) -> list[ReadTable]:
        """Read a file in a worker; its rows are written to `target`, as `encode_rows` does.

        `moment` is when it was received, by the county's clock.

        Raises ReadingStopped when the file ended the worker or exceeded a limit, WorkerError when
        it is not the file's fault, OSError when the result cannot be written.
        """
        from warehouse.lake.commit import EncodedRows

        reply = self._request(
            Request("read", None, self.seconds, file_name, department, sha256, moment=moment),
            contracts,
            source,
            target,
        )
        tables = [
            ReadTable(table["summary"], EncodedRows.from_dict(table["rows"]))
            for table in reply["tables"]
        ]
        for table in tables:
            _check(table, contracts)
        return tables

    def mark(
        self,
        source: Path,
        *,
        file_name: str,
        department: str,
        contracts: "Contracts",
        tables: Sequence[Mapping[str, Any]],
        rejected: Sequence[Path | None],
        moment: datetime,
    ) -> bytes | None:
        """Return the marked workbook of a file (`sources.receipts.marked`).

        `rejected` are the Parquet files of the tables' rejected rows. Raises as `read`.
        """
        request = Request(
            *("mark", None, self.seconds, file_name, department, ""),
            tables=tables,
            rejected=[path.stat().st_size if path else 0 for path in rejected],
            moment=moment,
        )
        with tempfile.TemporaryFile() as target, tempfile.TemporaryFile() as rows:
            for path in filter(None, rejected):
                rows.write(path.read_bytes())
            rows.flush()
            reply = self._request(request, contracts, source, target, rows)
            target.seek(0)
            return target.read() if reply["marked"] else None

    def _request(
        self,
        request: Request,
        contracts: "Contracts",
        source: Path,
        target: BinaryIO,
        *more: BinaryIO,
    ) -> dict[str, Any]:
        """Return a worker's reply; its messages are logged here, its errors raised."""
        with self._free:
            file = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                files = [file, target.fileno(), *(further.fileno() for further in more)]
                reply = self._ask(request, contracts, target, files)
            finally:
                os.close(file)
        for name, level, text, trace in reply.get("log", ()):
            error = WorkerTraceback(trace)
            exc_info = (WorkerTraceback, error, None) if trace else None
            logging.getLogger(name).log(level, "%s", text, exc_info=exc_info)
        if "error" in reply:
            text = f"unexpected error in a worker: {reply['error']}"
            raise WorkerError(text) from WorkerTraceback(reply["trace"])
        if "os_error" in reply:
            number, text, name = reply["os_error"]
            raise OSError(number, text, name or "result of reading")
        return reply

    def _ask(
        self, request: Request, contracts: "Contracts", target: BinaryIO, files: list[int]
    ) -> dict[str, Any]:
        worker = self._ready(self._take())
        try:
            reply = self._ask_worker(worker, request, contracts, files)
        except ReadingStopped as stopped:
            if stopped.cause == "time":
                raise
            log.info("%s ended a worker (%s); reading it again", request.file_name, stopped)
            target.seek(0)
            target.truncate()
            worker = self._ready(self._new())
            reply = self._ask_worker(worker, request, contracts, files)
        with self._lock:
            self._idle.append(worker)
        return reply

    def _take(self) -> _Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.alive():
                    return worker
                worker.end()
        return self._new()

    def _ready(self, worker: _Worker) -> _Worker:
        """Return a worker that has started: another one where this was killed. See WorkerError."""
        try:
            worker.wait_until_ready()
        except WorkerError:
            if not worker.killed:
                raise
            worker = self._new()
            worker.wait_until_ready()
        return worker

    def _ask_worker(
        self, worker: _Worker, request: Request, contracts: "Contracts", files: list[int]
    ) -> dict[str, Any]:
        with self._lock:
            pickled = self._pickled.get(contracts)
            if pickled is None:
                pickled = self._pickled[contracts] = dumps(contracts, HIGHEST_PROTOCOL)
        if worker.contracts is not pickled:
            request = replace(request, contracts=pickled)
        reply = worker.ask(request, files, self.seconds)
        worker.contracts = pickled
        return reply

    def close(self) -> None:
        """End the workers that have nothing to do."""
        with self._lock:
            while self._idle:
                self._idle.pop().end()


def _check(table: ReadTable, contracts: "Contracts") -> None:
    """Raise WorkerError for a reply that names no dataset of ours or is no place of a file."""
    dataset, rows = table.summary["dataset"], table.rows
    files = [*rows.accepted, *([rows.rejected] if rows.rejected else [])]
    numbers = [n for f in files for n in (f.rows, f.offset, f.size_bytes, f.year or 0)]
    known = dataset is None or dataset in contracts.datasets
    if not known or not all(type(n) is int and n >= 0 for n in numbers):
        raise WorkerError(f"a worker's reply is damaged: dataset {dataset!r}, {files}")


@cache
def shared() -> Workers:
    """Return the workers of this process, with the limits of the settings. Raises SettingsError."""
    settings = ReadingSettings.load()
    workers = Workers(memory_bytes=settings.read_memory_mb * MIB, seconds=settings.read_seconds)
    atexit.register(workers.close)
    return workers


os.register_at_fork(after_in_child=shared.cache_clear)
