"""A Spark standalone cluster on loopback: a master, workers and a Connect server.

The processes are those of the pyspark package (its `bin/spark-class`), as an operator starts them.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

HOST = "127.0.0.1"
_DEPLOY = "org.apache.spark.deploy"
_CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"
_MINUTE = 60.0
# Java compiles little: on few rows that costs more than it saves.
_LIGHT = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
# Of a Connect server that builds (docs/cluster.md).
_SERVER = {
    "spark.sql.catalogImplementation": "in-memory",
    "spark.driver.memory": "3g",
    "spark.driver.extraJavaOptions": _LIGHT,
    "spark.executor.memory": "1g",
    "spark.executor.extraJavaOptions": _LIGHT,
    "spark.connect.grpc.binding.address": HOST,
    "spark.driver.host": HOST,
    "spark.driver.bindAddress": HOST,
    "spark.ui.enabled": "false",
    "spark.sql.ui.retainedExecutions": "1",
}


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        return listening.getsockname()[1]


def _await_listening(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 4 * _MINUTE
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        with socket.socket() as trying:
            if trying.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.5)
    raise TimeoutError(f"nothing listens on {port}: {log.read_text(errors='replace')[-3000:]}")


class Standalone:
    """The processes of a cluster, each a process group of its own, with logs in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []
        self.master = f"spark://{HOST}:{free_port()}"
        self.remote = f"sc://{HOST}:{free_port()}"
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self, workers: int) -> None:
        """Start master and workers, and wait until they are there."""
        port = self.master.rpartition(":")[2]
        pages = ("--webui-port", str(free_port()))
        master = self._spark_class(
            "master", f"{_DEPLOY}.master.Master", "--host", HOST, "--port", port, *pages
        )
        _await_listening(int(port), master, self._folder / "master.log")
        for number in range(workers):
            self.workers.append(self._start_worker(f"worker{number + 1}"))

    def start_server(self) -> None:
        """Start a Connect server whose executors are the workers', and wait until it answers."""
        port = self.remote.rpartition(":")[2]
        options = _SERVER | {"spark.connect.grpc.binding.port": port}
        options["spark.sql.warehouse.dir"] = str(self._folder / "warehouse")
        settings = [part for item in options.items() for part in ("--conf", "=".join(item))]
        server = self._spark_class(
            "server",
            f"{_DEPLOY}.SparkSubmit",
            *("--class", _CONNECT, "--master", self.master, *settings),
            "spark-internal",
        )
        _await_listening(int(port), server, self._folder / "server.log")

    def kill_worker(self) -> None:
        """Kill a worker with its executor, as when its machine fails."""
        worker = self.workers.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def stop(self) -> None:
        """Kill whatever still runs."""
        for process in reversed(self._started):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start_worker(self, name: str) -> "subprocess.Popen[bytes]":
        port, pages = str(free_port()), str(free_port())
        size = ("--cores", "1", "--memory", "1g")
        listens = ("--host", HOST, "--port", port, "--webui-port", pages)
        folder = ("--work-dir", str(self._folder / name))
        worker = self._spark_class(
            name, f"{_DEPLOY}.worker.Worker", *listens, *size, *folder, self.master
        )
        _await_listening(int(port), worker, self._folder / f"{name}.log")
        return worker

    def _spark_class(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        package = find_spec("pyspark")
        assert package is not None and package.origin is not None
        home = Path(package.origin).parent
        environment = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": HOST}
        with (self._folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [home / "bin" / "spark-class", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        self._started.append(process)
        return process


@contextmanager
def standalone(folder: Path, workers: int = 2) -> Iterator[Standalone]:
    """Yield a running cluster of one master and workers of one processor each; end it."""
    cluster = Standalone(folder)
    try:
        cluster.start(workers)
        yield cluster
    finally:
        cluster.stop()
