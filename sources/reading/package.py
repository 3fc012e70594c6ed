"""ZIP packages of one document (XLSX, XLSB, ODS): opened once, their parts read by name."""

import io
import zipfile
import zlib
from typing import IO
from xml.parsers import expat

from sources.limits import Limits
from sources.reading.raw import Refusal
from sources.reading.xml_parts import parse_xml, plain_attributes

_ZIP_ERRORS = (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, KeyError)
Element = tuple[str, dict[str, str]]


class Package:
    """An opened ZIP. Parts are found whatever the case or the slashes of their names."""

    def __init__(self, data: bytes) -> None:
        """Raises Refusal (`damaged_archive`) for what only begins like a ZIP."""
        self.data = data
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(data))
        except _ZIP_ERRORS as error:
            raise Refusal("damaged_archive", detail="找不到完整的目录") from error
        self._parts = {_key(p.filename): p for p in self.archive.infolist()}

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._parts

    @property
    def kind(self) -> str | None:
        """`xlsx`, `xlsb`, `ods`, the Chinese name of another document, None for an archive."""
        if "content.xml" in self and "mimetype" in self:
            return self._open_document()
        if "ofd.xml" in self:
            return "OFD 版式文件"
        if "index/document.iwa" in self or "index.zip" in self:
            return "苹果 Numbers 表格"
        if "[content_types].xml" not in self:
            return None
        if any(name.endswith("workbook.bin") for name in self._parts):
            return "xlsb"
        if any(name.endswith(".xml") and "workbook" in name for name in self._parts):
            return "xlsx"
        if any(name.startswith(("word/", "ppt/")) for name in self._parts):
            return "Word 或 PowerPoint 等其他 Office 文件"
        return "其他 Office 文件"

    def _open_document(self) -> str:
        """Return `ods` or the name of another OpenDocument. Raises Refusal for a damaged one."""
        try:
            with self.open("mimetype") as part:
                mimetype = part.read(200)
        except (*_ZIP_ERRORS, zlib.error, EOFError, RuntimeError) as error:
            raise Refusal("damaged_archive", detail="解压到一半出错") from error
        return "ods" if b"spreadsheet" in mimetype else "OpenDocument 文档（不是电子表格）"

    def open(self, name: str) -> IO[bytes]:
        """Open a part. Raises KeyError where there is none."""
        return self.archive.open(self._parts[_key(name)])

    def elements(self, name: str, limits: Limits) -> list[Element]:
        """Return names and attributes of a small part's elements, in order, without prefixes.

        An empty list where there is no such part. Raises Refusal and expat's ExpatError.
        """
        if name not in self:
            return []
        found: list[Element] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if len(found) >= limits.max_part_elements:
                raise Refusal("spreadsheet_too_large", detail=f"样式等超过 {len(found)} 项")
            found.append((name, plain_attributes(attributes)))

        with self.open(name) as part:
            parse_xml(part, limits, start=start, end=lambda _: None)
        return found

    def check(self, limits: Limits) -> None:
        """Raise Refusal where the parts are encrypted, damaged in the directory or too large."""
        parts = self.archive.infolist()
        total = sum(p.file_size for p in parts)
        if total > limits.max_spreadsheet_bytes:
            raise Refusal("spreadsheet_too_large", detail=f"解压后 {total // 2**20} MB")
        if len(parts) > limits.max_parts:
            raise Refusal("spreadsheet_too_large", detail=f"内含 {len(parts)} 个部件")
        if any(p.flag_bits & 1 for p in parts):
            raise Refusal("password_protected")


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def damage(error: BaseException) -> str:
    """Return in Chinese what is wrong with a damaged document, whichever library found it."""
    if isinstance(error, expat.ExpatError):
        return f"第 {error.lineno} 行的标签不完整或不成对"
    if isinstance(error, KeyError):
        return "缺少必要的部件"
    if isinstance(error, zipfile.BadZipFile | EOFError):
        return "压缩内容不完整"
    return "内容与格式不符"
