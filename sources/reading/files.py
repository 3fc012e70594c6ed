"""Detect a file's format by its bytes, not by its name, and yield its tables one by one."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sources.limits import Limits
from sources.reading.archive import read_members
from sources.reading.delimited import read_delimited
from sources.reading.encoding import decode
from sources.reading.foreign import archive_kind, foreign, not_a_table, other_markup
from sources.reading.package import Package
from sources.reading.raw import RawTable, Refusal

KnownTitle = Callable[[str], bool]
Tables = Iterator[RawTable | Refusal]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_START = 4_096
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_MARKUP = re.compile(
    r"<(?:!doctype|!--|\?xml|html|head|body|table|thead|tbody|tr|meta|base|title|link|style|script"
    r"|div|center|form|font|span|p|br|h[1-6]|(?:\w+:)?workbook|office:document)\b|<!--",
    re.IGNORECASE,
)
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"


class FileSource(Protocol):
    """A file to read: a path, or a file that is open already."""

    def lstat(self) -> os.stat_result:
        """Return its status; a link is not followed."""

    def read_bytes(self) -> bytes:
        """Return its content."""


@dataclass(frozen=True)
class OpenFile:
    """A file of which only a descriptor is known: a process that may open no path reads it."""

    descriptor: int

    def lstat(self) -> os.stat_result:
        """Return its status."""
        return os.fstat(self.descriptor)

    def read_bytes(self) -> bytes:
        """Return its content from the beginning."""
        with open(self.descriptor, "rb", closefd=False) as file:
            file.seek(0)
            return file.read()


def content_bytes(path: Path, limits: Limits = Limits()) -> int:  # noqa: B008 - frozen
    """Return how many bytes a file's content may have at most once it is unpacked."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return 0
        with path.open("rb") as file:
            packed = file.read(4).startswith((*_ZIP, _OLE[:4]))
    except OSError:
        return 0  # what is wrong with it is for the reading to say
    unpacked = min(status.st_size * limits.max_ratio, limits.max_archive_bytes)
    return unpacked if packed else status.st_size


def read_tables(source: FileSource, known_title: KnownTitle, limits: Limits) -> Tables:
    """Yield every table of a file; a part that cannot be read is yielded as its Refusal.

    Raises Refusal when the file as a whole cannot be read.
    """
    data = source.read_bytes()
    if not data.startswith(_ZIP):
        yield from _tables(data, "", "", known_title, limits)
        return
    package = Package(data)
    if package.kind is not None:
        yield from _document(package, "", limits)
        return
    for name, content in read_members(package.archive, limits):
        yield from _member(name, content, known_title, limits)


def _member(name: str, content: bytes | Refusal, known_title: KnownTitle, limits: Limits) -> Tables:
    """Yield the tables of an archive's member, or its refusal under its name."""
    try:
        if isinstance(content, Refusal):
            raise content
        if archive_kind(content[:_START]) is not None:
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


def _document(package: Package, prefix: str, limits: Limits) -> Tables:
    """Yield the tables of a document in a ZIP package."""
    if package.kind == "xlsx":
        from sources.reading.xlsx import read_xlsx

        yield from read_xlsx(package, prefix, limits)
    elif package.kind == "xlsb":
        from sources.reading.xlsb import read_xlsb

        yield from read_xlsb(package, prefix, limits)
    elif package.kind == "ods":
        from sources.reading.ods import read_ods

        yield from read_ods(package, prefix, limits)
    else:
        raise not_a_table(str(package.kind))


def _tables(data: bytes, name: str, prefix: str, known_title: KnownTitle, limits: Limits) -> Tables:
    """Yield the tables of a file that is no ZIP."""
    if data.startswith(_OLE):
        from sources.reading.ole import read_ole

        yield from read_ole(data, prefix, limits)
        return
    if _is_biff(data):
        from sources.reading.xls import read_xls

        yield from read_xls(data, prefix, limits)
        return
    if (refusal := foreign(data[:_START])) is not None:
        raise refusal
    if (start := _markup(data)) is not None:
        yield from _markup_tables(data, start, name, prefix, limits)
        return
    if data[:_START].lstrip()[:40].lower().startswith((b"mime-version", b"from:", b"content-")):
        from sources.reading.web_page import is_single_file_page, read_single_file_page

        if is_single_file_page(data[:_START]):
            yield from read_single_file_page(data, prefix, limits)
            return
    text = decode(data)
    del data  # a large file need not be there twice
    yield read_delimited(text, known_title, limits, name)


def _is_biff(data: bytes) -> bool:
    """Tell whether a file begins with the first record of a workbook without a container."""
    return (
        len(data) > 8
        and data[0] == 0x09
        and data[1] in (0x00, 0x02, 0x04, 0x08)
        and data[2] in (4, 6, 8, 16)
        and data[3] == 0
    )


def _markup(data: bytes) -> str | None:
    """Return the beginning of a file that is HTML or XML, else None."""
    start = data[:_START]
    encoding = _UTF16.get(start[:2], "utf-8")
    text = start.decode(encoding, errors="replace").lstrip("\ufeff \t\r\n\x0b\x0c")
    return text if _MARKUP.match(text) else None


def _markup_tables(data: bytes, start: str, name: str, prefix: str, limits: Limits) -> Tables:
    if _SPREADSHEET in start and re.search(r"<(?:\w+:)?Workbook\b", start):
        from sources.reading.xml_spreadsheet import read_xml_spreadsheet

        yield from read_xml_spreadsheet(decode(data).data, prefix, limits)
    elif _OPEN_DOCUMENT in start and "<office:document" in start:
        from sources.reading.ods import read_flat_ods

        yield from read_flat_ods(decode(data).data, prefix, limits)
    elif start.startswith("<?xml") and not re.search(r"<(?:html|table)\b", start, re.IGNORECASE):
        raise other_markup(data[:_START])
    else:
        from sources.reading.web_page import read_page

        yield from read_page(data, name, limits)
