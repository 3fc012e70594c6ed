"""OLE containers: workbooks of XLS, and workbooks that are encrypted.

A workbook protected against changes alone is encrypted too, with a password that every program
knows; it opens without being asked. One with a password of the sender's own stays closed.
"""

import io
from collections.abc import Iterator

from sources.limits import Limits
from sources.reading.foreign import not_a_table
from sources.reading.package import Package
from sources.reading.raw import RawTable, Refusal

KNOWN_PASSWORD = "VelvetSweatshop"
_MOST_ROUNDS = 1_000_000  # of the password's hash; programs write 100,000
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_ole(data: bytes, prefix: str, limits: Limits) -> Iterator[RawTable | Refusal]:
    """Yield the tables of an OLE file.

    Raises Refusal: damaged, encrypted with a password of its own, no workbook.
    """
    from sources.reading.xls import read_xls

    if _ENCRYPTED in data:
        package = Package(_decrypted(data, limits))
        if package.kind == "xlsx":
            from sources.reading.xlsx import read_xlsx

            yield from read_xlsx(package, prefix, limits)
        elif package.kind == "xlsb":
            from sources.reading.xlsb import read_xlsb

            yield from read_xlsb(package, prefix, limits)
        else:
            raise not_a_table(package.kind or "加密的文件")
        return
    try:
        yield from read_xls(data, prefix, limits)
        return
    except Refusal as refusal:
        if refusal.code != "password_protected":
            raise
    yield from read_xls(_decrypted(data, limits), prefix, limits)


def _decrypted(data: bytes, limits: Limits) -> bytes:
    """Return an encrypted workbook's content. Raises Refusal where it has a password of its own."""
    import msoffcrypto

    plain = _Bounded(limits.max_bytes)
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if int((getattr(file, "info", None) or {}).get("spinValue", 0)) > _MOST_ROUNDS:
            raise Refusal("damaged_spreadsheet", detail="加密参数不合常理")
        file.load_key(password=KNOWN_PASSWORD)
        file.decrypt(plain)
    except Refusal:
        raise
    except Exception as error:  # the library lets whatever a damaged file provokes through
        raise Refusal("password_protected") from error
    return plain.getvalue()


class _Bounded(io.BytesIO):
    """Bytes in memory, up to a bound."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self.tell() + len(data) > self._most:
            raise Refusal("spreadsheet_too_large", detail="解密后过大")
        return super().write(data)
