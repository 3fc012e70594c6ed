"""ZIP archives: which members may be read, and their bytes, one at a time and bounded."""

import contextlib
import posixpath
import re
import stat
import zipfile
from collections.abc import Iterator

from sources.limits import Limits
from sources.reading.raw import Refusal

_IGNORED = re.compile(
    r"(?:^|/)(?:__MACOSX/|\.[^/]*$|~\$[^/]*$|Thumbs\.db$|desktop\.ini$|[^/]*\.(?:tmp|part)$)"
)
_LEAST_BOMB = 32 * 1024 * 1024  # a small member may be packed as tightly as it likes


def read_members(archive: zipfile.ZipFile, limits: Limits) -> Iterator[tuple[str, bytes | Refusal]]:
    """Yield name and bytes of every file in an archive, or why a member is refused.

    A member that is a link or leaves the folder is refused by itself. Names are unique. Raises
    Refusal when the archive as a whole is refused: empty, or too large unpacked.
    """
    named = [(_name(m), m) for m in archive.infolist() if not m.is_dir()]
    _check(named, limits)
    named = [(n, m) for n, m in named if not _IGNORED.search(n)]
    if not named:
        raise Refusal("empty_archive")
    seen: dict[str, int] = {}
    for name, member in named:
        seen[name] = seen.get(name, 0) + 1
        unique = name if seen[name] == 1 else f"{name}#{seen[name]}"
        if _unsafe(name, member):
            yield unique, Refusal("unsafe_archive_member", member=name[:120])
        else:
            yield unique, _content(archive, member, limits)


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; Windows in Chinese writes GBK where the standard says cp437."""
    name = member.filename
    if not member.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    return name.replace("\\", "/")


def _unsafe(name: str, member: zipfile.ZipInfo) -> bool:
    """Return whether a member is no regular file, or is to lie outside the folder unpacked to."""
    mode = member.external_attr >> 16
    special = stat.S_IFMT(mode) not in (0, stat.S_IFREG)
    outside = name.startswith("/") or re.match(r"^[A-Za-z]:", name) is not None
    return special or outside or posixpath.normpath(name).split("/")[0] == ".."


def _check(named: list[tuple[str, zipfile.ZipInfo]], limits: Limits) -> None:
    for name, member in named:
        packed = max(member.compress_size, 1)
        if member.file_size > _LEAST_BOMB and member.file_size / packed > limits.max_ratio:
            raise Refusal("archive_too_large", detail=f"“{name[:80]}”的压缩比异常")
    if len(named) > limits.max_members:
        raise Refusal("archive_too_large", detail=f"{len(named)} 个文件")
    total = sum(m.file_size for _, m in named)
    if total > limits.max_archive_bytes:
        raise Refusal("archive_too_large", detail=f"共 {total // 2**20} MB")


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> bytes | Refusal:
    if member.flag_bits & 1:
        return Refusal("password_protected")
    if member.file_size > limits.max_bytes:
        size = f"{member.file_size // 2**20} MB"
        return Refusal("file_too_large", size=size, limit=f"{limits.max_bytes // 2**20} MB")
    try:
        with archive.open(member) as content:
            # The size that a member declares may be a lie; zipfile stops at it, so does this.
            return content.read(member.file_size + 1)
    except Exception:  # zlib, bz2, lzma and zipfile each have errors of their own
        return Refusal("damaged_archive", detail="解压到一半出错")
