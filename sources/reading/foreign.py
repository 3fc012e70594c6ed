"""Recognise formats that are not read by their first bytes, and say what to do instead.

Belongs here: naming what stays out. A file's extension is never looked at.
"""

import re

from sources.reading.raw import Refusal

_SAVE_AS = "请把数据另存为 CSV（UTF-8）或 XLSX 后上传"
_FROM_SOURCE = "请把原来的表格文件（Excel 或 WPS）另存为 XLSX 后上传"
_OPEN_AND_SAVE = "请用 Excel 或 WPS 打开，另存为 XLSX 后上传"
_EXPORT = "请在原来的软件里把数据导出或另存为 XLSX 或 CSV 后上传"

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "PDF 文档", _FROM_SOURCE),
    (b"\x89PNG", "图片", _FROM_SOURCE),
    (b"\xff\xd8\xff", "图片", _FROM_SOURCE),
    (b"GIF8", "图片", _FROM_SOURCE),
    (b"BM", "图片", _FROM_SOURCE),
    (b"II*\x00", "图片", _FROM_SOURCE),
    (b"MM\x00*", "图片", _FROM_SOURCE),
    (b"\x7fELF", "程序", _SAVE_AS),
    (b"MZ", "程序", _SAVE_AS),
    (b"SQLite format 3", "SQLite 数据库", _EXPORT),
    (b"\x00\x01\x00\x00Standard Jet DB", "Access 数据库", _EXPORT),
    (b"\x00\x01\x00\x00Standard ACE DB", "Access 数据库", _EXPORT),
    (b"PAR1", "Parquet 文件", _EXPORT),
    (b"ARROW1", "Feather 文件", _EXPORT),
    (b"$FL2", "SPSS 数据文件", _EXPORT),
    (b"$FL3", "SPSS 数据文件", _EXPORT),
    (b"<stata_dta>", "Stata 数据文件", _EXPORT),
    (b"\x89HDF", "HDF5 数据文件", _EXPORT),
    (b"CDF\x01", "NetCDF 数据文件", _EXPORT),
    (b"CDF\x02", "NetCDF 数据文件", _EXPORT),
    (b"\x00\x00\x02\x00\x06\x04\x06\x00", "Lotus 1-2-3 表格", _OPEN_AND_SAVE),
    (b"\x00\x00\x1a\x00\x00\x10\x04\x00", "Lotus 1-2-3 表格", _OPEN_AND_SAVE),
    (b"\x00\x00\x02\x00\x20\x51", "Quattro Pro 表格", _OPEN_AND_SAVE),
    (b"ID;P", "SYLK 表格（.slk）", _OPEN_AND_SAVE),
    (b"TABLE\r\n0,1\r\n", "DIF 表格", _OPEN_AND_SAVE),
    (b"{\\rtf", "RTF 文档", _FROM_SOURCE),
)
_ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"Rar!\x1a\x07", "RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"),
    (b"\x1f\x8b", "GZIP 压缩包"),
    (b"BZh", "BZIP2 压缩包"),
    (b"\xfd7zXZ", "XZ 压缩包"),
    (b"\x28\xb5\x2f\xfd", "Zstandard 压缩包"),
)
_UNPACK = "请解压后直接上传里面的表格文件，或重新压缩为 ZIP"
_DBASE = {0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8C, 0xCB, 0xF5, 0xFB}
_FIELD = 32
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*"|\[\s*[\[{])')
_XML = re.compile(rb"\s*<\?xml\b", re.IGNORECASE)


def not_a_table(kind: str, remedy: str = _SAVE_AS) -> Refusal:
    """Return the refusal of a file of a kind that is not read, with what to do instead."""
    return Refusal("not_a_table_file", kind=kind, remedy=remedy)


def archive_kind(start: bytes) -> str | None:
    """Name the archive that a file is, ZIP aside."""
    return next((kind for signature, kind in _ARCHIVES if start.startswith(signature)), None)


def foreign(start: bytes) -> Refusal | None:
    """Return the refusal of a file that by its first bytes is no table, else None."""
    if (kind := archive_kind(start)) is not None:
        return not_a_table(kind, _UNPACK)
    for signature, kind, remedy in _SIGNATURES:
        # Two letters may begin a text too; a text has no NUL.
        if start.startswith(signature) and (len(signature) > 2 or b"\x00" in start):
            return not_a_table(kind, remedy)
    if _JSON.match(start):
        return not_a_table("JSON 文件", _EXPORT)
    if (fields := _dbase_fields(start)) is not None:
        return not_a_table(
            f"dBase 数据库表（.dbf），列名最多十个字节，常被截短（{'、'.join(fields)}）",
            "请用 Excel 或 WPS 打开，把列名写完整并注明单位，另存为 XLSX 后上传",
        )
    return None


def _dbase_fields(start: bytes) -> list[str] | None:
    """Return the first columns of a dBase table, None when it is none (dBase III header)."""
    if len(start) < 2 * _FIELD or start[0] not in _DBASE:
        return None
    length = int.from_bytes(start[8:10], "little")
    if not (1 <= start[2] <= 12 and 1 <= start[3] <= 31 and length > 2 * _FIELD):
        return None
    names = []
    for at in range(_FIELD, min(length, len(start)) - _FIELD + 1, _FIELD):
        if start[at] == 0x0D:
            break
        name = start[at : at + 11].split(b"\0")[0]
        if not name or not chr(start[at + 11]).isalpha():
            return None
        names.append(name.decode("gb18030", errors="replace"))
    return names[:6] or None


def other_markup(start: bytes) -> Refusal:
    """Return the refusal of XML that is no spreadsheet."""
    kind = "XML 文件" if _XML.match(start) else "网页"
    return not_a_table(f"{kind}，里面没有表格", _OPEN_AND_SAVE)
