"""Uploads into a department's landing folder: a temporary name first, one rename at the end."""

import asyncio
import os
import secrets
import time
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path

from orchestration.intake.survey import is_ignored
from sources.limits import MIB
from warehouse.home.files import PART
from warehouse.home.folders import opened

LONGEST_NAME_BYTES = 200
IDLE_SECONDS = 30.0
# A connection that sends less than this on average is not a slow line but an attack.
LEAST_BYTES_PER_SECOND = 1024
_GRACE_SECONDS = 30.0


class UploadRefused(Exception):
    """An upload that is not taken; the message is for the clerk."""

    def __init__(self, message_zh: str, status: int = 400) -> None:
        super().__init__(message_zh)
        self.message_zh = message_zh
        self.status = status


def safe_name(given: str) -> str:
    """Return the file name to use for a name as the browser sent it. Raises UploadRefused.

    A path is refused, not shortened: what it was meant to reach cannot be guessed.
    """
    name = unicodedata.normalize("NFC", given).strip()
    if not name or name in (".", ".."):
        raise UploadRefused("文件没有名称，请重新选择文件。")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co") for sign in name):
        raise UploadRefused("文件名含有不可见字符，请改名后重新上传。")
    if any(sign in name for sign in '/\\:*?"<>|'):
        raise UploadRefused('文件名不能含有 / \\ : * ? " < > | 这些字符，请改名后重新上传。')
    if is_ignored(name):
        raise UploadRefused("这是临时文件或系统文件，请上传原文件。")
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise UploadRefused("文件名过长，请缩短到 60 个汉字以内。")
    return name


@dataclass(frozen=True)
class Received:
    """A file that was put into landing, under the name it has there."""

    name: str
    size: int


async def receive(
    stream: AsyncIterator[bytes], folder: Path, name: str, *, most_bytes: int
) -> Received:
    """Write an upload into a landing folder. Raises UploadRefused; then nothing of it is left.

    The folder and the new file are opened without following links.
    """
    part = f".{secrets.token_hex(8)}{PART}"
    with opened(folder.parent, (folder.name,)) as directory:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(part, flags, 0o660, dir_fd=directory)
        try:
            with os.fdopen(descriptor, "wb") as file:
                size = await _write(stream, file, most_bytes)
            if size == 0:
                raise UploadRefused("文件是空的，没有上传。")
            final = _put_in_place(directory, part, name)
        except BaseException:
            os.unlink(part, dir_fd=directory)
            raise
        os.fsync(directory)
    return Received(final, size)


async def _write(stream: AsyncIterator[bytes], file: BufferedWriter, most_bytes: int) -> int:
    began = time.monotonic()
    size = 0
    chunks = stream.__aiter__()
    while True:
        try:
            chunk = await asyncio.wait_for(anext(chunks), IDLE_SECONDS)
        except StopAsyncIteration:
            break
        except TimeoutError as error:
            raise UploadRefused("上传中断，请重新上传。", 408) from error
        size += len(chunk)
        if size > most_bytes:
            raise UploadRefused(f"文件超过 {most_bytes // MIB} MB，请拆分后上传。", 413)
        elapsed = time.monotonic() - began
        if elapsed > _GRACE_SECONDS and size < elapsed * LEAST_BYTES_PER_SECOND:
            raise UploadRefused("上传速度过慢，连接已断开，请重新上传。", 408)
        await asyncio.to_thread(file.write, chunk)
    await asyncio.to_thread(_sync, file)
    return size


def _sync(file: BufferedWriter) -> None:
    file.flush()
    os.fsync(file.fileno())


def _put_in_place(directory: int, part: str, name: str) -> str:
    """Give the file its name; a number is added where a file of that name still waits."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    for number in range(1, 1000):
        candidate = name if number == 1 else f"{stem}（{number}）{dot}{ending}"
        try:
            os.link(
                part,
                candidate,
                src_dir_fd=directory,
                dst_dir_fd=directory,
                follow_symlinks=False,
            )
        except FileExistsError:
            continue
        os.unlink(part, dir_fd=directory)
        return candidate
    raise UploadRefused("同名文件过多，请改名后上传。")
