"""Which form a file has, told by its bytes and not by its name, and its tables one by one."""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from sources.limits import Limits
from sources.reading.archive import read_members
from sources.reading.delimited import read_delimited
from sources.reading.encoding import decode
from sources.reading.package import Package
from sources.reading.raw import RawTable, Refusal

KnownTitle = Callable[[str], bool]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00")
# What else departments have sent where a table was asked for.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文档"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"II*\x00", "图片"),
    (b"MM\x00*", "图片"),
    (b"\x7fELF", "程序"),
    (b"MZ", "程序"),
    (b"SQLite format 3", "数据库"),
    (b"PAR1", "Parquet 文件"),
    (b"{\\rtf", "RTF 文档"),
)
_ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"Rar!\x1a\x07", "RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"),
    (b"\x1f\x8b", "GZIP 压缩包"),
    (b"BZh", "BZIP2 压缩包"),
    (b"\xfd7zXZ", "XZ 压缩包"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<?xml", b"<table", b"<head", b"<meta")


def content_bytes(path: Path, limits: Limits = Limits()) -> int:  # noqa: B008 - frozen
    """Return how many bytes a file's content may have at most once it is unpacked."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return 0
        with path.open("rb") as file:
            packed = file.read(4).startswith((*_ZIP, _OLE))
    except OSError:
        return 0  # what is wrong with it is for the reading to say
    unpacked = min(status.st_size * limits.max_ratio, limits.max_archive_bytes)
    return unpacked if packed else status.st_size


def read_tables(
    path: Path, known_title: KnownTitle, limits: Limits
) -> Iterator[RawTable | Refusal]:
    """Yield every table of a file; a part that cannot be read is yielded as its Refusal.

    Raises Refusal when the file as a whole cannot be read.
    """
    data = path.read_bytes()
    if data.startswith(_ZIP):
        package = Package(data)
        if package.kind is None:
            for name, content in read_members(package.archive, limits):
                yield from _member(name, content, known_title, limits)
            return
        yield from _document(package, "", limits)
        return
    yield from _tables(data, "", "", known_title, limits)


def _member(
    name: str, content: bytes | Refusal, known_title: KnownTitle, limits: Limits
) -> Iterator[RawTable | Refusal]:
    """Yield the tables of an archive's member, or its refusal under its name."""
    try:
        if isinstance(content, Refusal):
            raise content
        if _named(content, _ARCHIVES) is not None:
            raise Refusal("archive_in_archive", member=name[:120])
        if content.startswith(_ZIP):
            package = Package(content)
            if package.kind is None:
                raise Refusal("archive_in_archive", member=name[:120])
            yield from _document(package, f"{name}/", limits)
        else:
            yield from _tables(content, name, f"{name}/", known_title, limits)
    except Refusal as refusal:
        refusal.values.setdefault("sheet", name)
        yield refusal


def _document(package: Package, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield the tables of a document in a ZIP package."""
    if package.kind == "xlsx":
        from sources.reading.xlsx import read_xlsx

        yield from read_xlsx(package, prefix, limits)
    else:
        raise Refusal("not_a_table_file", kind=package.kind)


def _tables(
    data: bytes, name: str, prefix: str, known_title: KnownTitle, limits: Limits
) -> Iterator[RawTable | Refusal]:
    if data.startswith((_OLE, *_BIFF)):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refusal("password_protected")
        from sources.reading.xls import read_xls

        yield from read_xls(data, prefix, limits)
        return
    kind = foreign(data[:4096])
    if kind is not None:
        raise Refusal("not_a_table_file", kind=kind)
    text = decode(data)
    del data  # a large file need not be there twice
    yield read_delimited(text, known_title, limits, name)


def _named(start: bytes, signatures: tuple[tuple[bytes, str], ...]) -> str | None:
    return next((kind for signature, kind in signatures if start.startswith(signature)), None)


def foreign(start: bytes) -> str | None:
    """Name what a file is by its first bytes, when it is no table."""
    for signature, kind in (*_SIGNATURES, *_ARCHIVES):
        # Two letters may begin a text too; a text has no NUL.
        if start.startswith(signature) and (len(signature) > 2 or b"\x00" in start):
            return kind
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        return "网页或 XML（有的系统把它存成 .xls）"
    return None
