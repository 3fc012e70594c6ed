"""Messages between the service and a worker, over a stream socket that both inherit.

A message is its length, its bytes and, towards the worker, open files. The service takes no files
from a worker and no message longer than `LONGEST_REPLY`.
"""

import pickle
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sources.limits import MIB

LONGEST_REPLY = 64 * MIB
_LENGTH = struct.Struct("!Q")
_MOST_FILES = 3


@dataclass(frozen=True)
class Request:
    """What a worker is to do with the open files that come with it.

    - read: the first file is read, the rows go into the second
    - mark: the first file is read, the marked workbook goes into the second; the third has the
      tables' rejected rows: Parquet files one after another, of the sizes `rejected` in bytes, 0
      where a table has none

    `contracts` are pickled, None when the worker has them already. `tables` are manifests, `moment`
    is when the file was received, by the county's clock.
    """

    task: Literal["read", "mark"]
    contracts: bytes | None
    seconds: int
    file_name: str
    department: str
    sha256: str
    tables: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    rejected: Sequence[int] = field(default_factory=tuple)
    moment: datetime | None = None

    def to_bytes(self) -> bytes:
        """Return the request as the service sends it."""
        return pickle.dumps(self, pickle.HIGHEST_PROTOCOL)


def send(connection: socket.socket, content: bytes, files: Sequence[int] = ()) -> None:
    """Send a message with open files. Raises OSError when the other side is gone."""
    header = _LENGTH.pack(len(content))
    if files:
        socket.send_fds(connection, [header], files)
    else:
        connection.sendall(header)
    connection.sendall(content)


def receive_request(connection: socket.socket) -> tuple[Request, list[int]] | None:
    """Wait for a request; return it with its open files, None when the service is gone."""
    header, files, _, _ = socket.recv_fds(connection, _LENGTH.size, _MOST_FILES)
    if not header:
        return None
    header += _exactly(connection, _LENGTH.size - len(header), None)
    content = _exactly(connection, _LENGTH.unpack(header)[0], None)
    return pickle.loads(content), files


def receive_reply(connection: socket.socket, until: float) -> bytes:
    """Wait for a reply until a moment of the monotonic clock.

    Raises TimeoutError, EOFError when the worker is gone, ValueError when the reply is too long.
    """
    size = _LENGTH.unpack(_exactly(connection, _LENGTH.size, until))[0]
    if size > LONGEST_REPLY:
        raise ValueError(f"a reply of {size} bytes")
    return _exactly(connection, size, until)


def _exactly(connection: socket.socket, size: int, until: float | None) -> bytes:
    received = bytearray()
    while len(received) < size:
        if until is not None:
            connection.settimeout(max(until - time.monotonic(), 0.001))
        part = connection.recv(min(size - len(received), MIB))
        if not part:
            raise EOFError
        received += part
    return bytes(received)
