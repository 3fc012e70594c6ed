"""Which form a file has, told by its bytes and not by its name, and its tables one by one."""

from collections.abc import Callable, Iterator
from pathlib import Path

from sources.limits import Limits
from sources.reading.delimited import read_delimited
from sources.reading.encoding import decode
from sources.reading.raw import RawTable, Refusal

# What else departments have sent where a table was asked for.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文档"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"II*\x00", "图片"),
    (b"MM\x00*", "图片"),
    (b"Rar!\x1a\x07", "RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"),
    (b"\x1f\x8b", "GZIP 压缩包"),
    (b"BZh", "BZIP2 压缩包"),
    (b"\xfd7zXZ", "XZ 压缩包"),
    (b"\x7fELF", "程序"),
    (b"MZ", "程序"),
    (b"SQLite format 3", "数据库"),
    (b"PAR1", "Parquet 文件"),
    (b"{\\rtf", "RTF 文档"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<?xml", b"<table", b"<head", b"<meta")


def read_tables(
    path: Path, file_name: str, known_title: Callable[[str], bool], limits: Limits
) -> Iterator[RawTable | Refusal]:
    """Yield every table of a file; a part that cannot be read is yielded as its Refusal.

    Raises Refusal when the file as a whole cannot be read.
    """
    data = path.read_bytes()
    kind = foreign(data[:4096])
    if kind is not None:
        raise Refusal("not_a_table_file", kind=kind)
    yield read_delimited(decode(data), known_title, limits)


def foreign(start: bytes) -> str | None:
    """Name what a file is by its first bytes, when it is no table."""
    for signature, kind in _SIGNATURES:
        if start.startswith(signature) and (len(signature) > 2 or b"\x00" in start):
            return kind
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        return "网页或 XML（有的系统把它存成 .xls）"
    return None
