"""How much of a file intake is willing to take: bounds on bytes, columns, cells and archives.

Every bound has one home here; whoever refuses because of one says so with the reason of
`sources.reasons` that belongs to it.
"""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds on one file. Bytes, columns, cells and members are whole numbers."""

    max_bytes: int = 512 * MIB
    """A file, or a member of an archive, that is larger is refused."""
    max_columns: int = 5_000
    """A table with more columns is refused."""
    max_spreadsheet_cells: int = 20_000_000
    """Rows times columns of a sheet's used range: spreadsheet readers hold it in memory."""
    max_spreadsheet_bytes: int = 1024 * MIB
    """All parts of a spreadsheet, unpacked."""
    max_strings: int = 10_000_000
    """Texts that a workbook keeps once for all its sheets."""
    max_parts: int = 10_000
    """Parts of one workbook's package."""
    max_part_elements: int = 1_000_000
    """Elements of a part that is held as a whole: styles, relations, lists of sheets."""
    max_markup_bytes: int = 64 * MIB
    """A web page or an XML table: its tree is held in memory."""
    max_members: int = 500
    """Files in one archive."""
    max_archive_bytes: int = 1024 * MIB
    """All members of an archive, unpacked."""
    max_ratio: int = 200
    """Unpacked over packed size of a member; beyond it the member is taken for a bomb."""
    max_sheets: int = 200
    """Sheets in one workbook."""
    max_rows: int = 20_000_000
    """A table with more rows is refused."""
    chunk_bytes: int = 64 * MIB
    """A delimited file is cleaned in pieces of about this size, to bound memory."""
    chunk_rows: int = 500_000
    """... of at most this many rows ..."""
    chunk_cells: int = 6_000_000
    """... and of at most this many cells."""
    quick_bytes: int = MIB
    """A piece of at least this size is worth a streaming plan (`sources.cleaning.quick`)."""
    head_rows: int = 40
    """The header is looked for in this many rows that are not empty."""
    layout_cells: int = 3_000_000
    """A table of at most this many cells is looked at whole where its layout is not plain: tables
    under one another, months across."""
    explained_rows: int = 300_000
    """Rejected rows that are kept with all their reasons and their raw text, of a table and of a
    file; of a table's further pieces and a file's further tables the first reason is kept. When
    nearly all rows of a table are rejected by then, it is refused and the rest not looked at, so
    that a file of nothing but errors fits in memory."""
    listed: int = 200
    """Skipped lines, findings and flagged rows that a summary lists one by one."""

    def rows_of(self, width: int) -> int:
        """Return how many rows of that many columns a piece may have."""
        return max(1_000, min(self.chunk_rows, self.chunk_cells // max(width, 1)))
