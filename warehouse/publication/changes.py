"""The differences between a publication and the one before it, as rows.

Tables and columns that were added or removed, rows added, withdrawn and changed in each table, and
for the columns that a mart declares as `compared` every cell with its old and new value. The same
rows are a mart of the publication and `changes.json` beside it.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

from warehouse.home.sql import identifier, literal
from warehouse.publication.manifest import (
    Changes,
    PublicationManifest,
    SchemaChange,
    TableChange,
    TableFingerprint,
)
from warehouse.publication.marts import SCHEMA, Mart
from warehouse.publication.titles import mart_columns

TABLE = "publication_differences"  # temporary table of the connection
LAST = "last_publication"  # catalog of the last publication where it is attached
# The kinds of changes and their Chinese names.
KINDS = {
    "table_added": "新增表",
    "table_removed": "取消表",
    "column_added": "新增列",
    "column_removed": "取消列",
    "column_type_changed": "列类型改变",
    "rows_added": "新增行数",
    "rows_withdrawn": "撤回行数",
    "rows_changed": "改变行数",
    "row_added": "新增",
    "row_withdrawn": "撤回",
    "value_changed": "数值改变",
}
# Key columns that have a column of their own among the changes.
_SUBJECTS = {"indicator_id": "varchar", "year": "bigint", "area": "varchar"}
_COLUMNS = {
    "table_name": "varchar",
    "change": "varchar",
    "change_zh": "varchar",
    "subject": "varchar",
    "column_name": "varchar",
    **_SUBJECTS,
    "old_value": "varchar",
    "new_value": "varchar",
    "row_count": "bigint",
    "detail_zh": "varchar",
}


class _Table:
    """A table that both publications have, and the SQL that compares its rows."""

    def __init__(
        self, name: str, mart: Mart | None, old: Mapping[str, str], new: Mapping[str, str]
    ) -> None:
        self.name = name
        self.mart = mart
        # A column of another type is a change of the schema; its values are not compared.
        self.common = [column for column, kind in new.items() if old.get(column) == kind]
        key = mart.key if mart else ()
        self.key = key if key and set(key) <= set(self.common) else ()
        # Columns whose changes are listed cell by cell.
        self.listed = [c for c in (mart.compared if mart else ()) if c in self.common]
        self.new = f"{SCHEMA}.{identifier(name)}"
        self.old = f"{LAST}.{SCHEMA}.{identifier(name)}"

    @property
    def title(self) -> str:
        return self.mart.title_zh if self.mart else self.name

    def column_title(self, column: str) -> str:
        declared = self.mart.columns.get(column) if self.mart else None
        return declared.title_zh if declared else column

    def same_key(self) -> str:
        """Return the join condition of new rows (n) and old rows (o)."""
        return " and ".join(f"n.{identifier(k)} = o.{identifier(k)}" for k in self.key)

    def differs(self) -> str:
        """Return the condition that a column other than the key differs."""
        return " or ".join(
            f"n.{identifier(c)} is distinct from o.{identifier(c)}"
            for c in self.common
            if c not in self.key
        )

    def subject(self, side: str) -> str:
        """Return the expression of a row's key as one text."""
        parts = ", ".join(f"cast({side}.{identifier(k)} as varchar)" for k in self.key)
        return f"concat_ws('；', {parts})"

    def subjects(self, side: str) -> str:
        """Return the expressions of the columns `_SUBJECTS`."""
        return ", ".join(
            f"cast({f'{side}.{identifier(c)}' if c in self.key else 'null'} as {t}) as {c}"
            for c, t in _SUBJECTS.items()
        )


def _counts(connection: duckdb.DuckDBPyConnection, table: _Table) -> tuple[int, int, int]:
    """Return numbers of rows added, withdrawn and changed.

    Without a key a changed row counts as one added and one withdrawn.
    """
    if table.key:
        differs = table.differs() or "false"
        query = (
            f"select (select count(*) from {table.new} as n anti join {table.old} as o "
            f"on {table.same_key()}), (select count(*) from {table.old} as o anti join "
            f"{table.new} as n on {table.same_key()}), (select count(*) from {table.new} as n "
            f"join {table.old} as o on {table.same_key()} where {differs})"
        )
    else:
        columns = ", ".join(identifier(c) for c in table.common) or "null"
        new, old = (f"select {columns} from {name}" for name in (table.new, table.old))
        query = (
            f"select (select count(*) from ({new} except all {old})), "
            f"(select count(*) from ({old} except all {new})), 0"
        )
    return connection.execute(query).fetchone() or (0, 0, 0)


def _add_cell_changes(connection: duckdb.DuckDBPyConnection, table: _Table) -> None:
    title = literal(table.title)
    for column in table.listed:
        name, column_title = identifier(column), literal(table.column_title(column))
        connection.execute(
            f"insert into {TABLE} select {literal(table.name)}, 'value_changed', "
            f"{literal(KINDS['value_changed'])}, {table.subject('n')} as subject, "
            f"{literal(column)}, {table.subjects('n')}, cast(o.{name} as varchar), "
            f"cast(n.{name} as varchar), 1, {title} || '（' || subject || '）“' || "
            f"{column_title} || '”由 ' || coalesce(cast(o.{name} as varchar), '空') || ' 变为 ' "
            f"|| coalesce(cast(n.{name} as varchar), '空') || '。' "
            f"from {table.new} as n join {table.old} as o on {table.same_key()} "
            f"where n.{name} is distinct from o.{name}"
        )
    if not table.listed:
        return
    first = table.listed[0]
    for kind, side, rows, other_side, other_rows in (
        ("row_added", "n", table.new, "o", table.old),
        ("row_withdrawn", "o", table.old, "n", table.new),
    ):
        value = f"cast({side}.{identifier(first)} as varchar)"
        old, new = ("null", value) if side == "n" else (value, "null")
        connection.execute(
            f"insert into {TABLE} select {literal(table.name)}, {literal(kind)}, "
            f"{literal(KINDS[kind])}, {table.subject(side)} as subject, {literal(first)}, "
            f"{table.subjects(side)}, {old}, {new}, 1, {title} || '（' || subject || '）' || "
            f"{literal(KINDS[kind])} || '：' || {literal(table.column_title(first))} || ' ' || "
            f"coalesce({value}, '空') || '。' "
            f"from {rows} as {side} anti join {other_rows} as {other_side} on {table.same_key()}"
        )


def _add_row(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    kind: str,
    detail_zh: str,
    *,
    column: str = "",
    old: str | None = None,
    new: str | None = None,
    rows: int | None = None,
) -> None:
    connection.execute(
        f"insert into {TABLE} values (?, ?, ?, '', ?, null, null, null, ?, ?, ?, ?)",
        [table, kind, KINDS[kind], column, old, new, rows, detail_zh],
    )


def _schema_changes(
    connection: duckdb.DuckDBPyConnection,
    old: Mapping[str, Mapping[str, str]],
    new: Mapping[str, Mapping[str, str]],
    titles: Mapping[str, str],
) -> tuple[SchemaChange, ...]:
    found = []

    def add(
        kind: str,
        table: str,
        column: str | None = None,
        old_type: str | None = None,
        new_type: str | None = None,
    ) -> None:
        subject = f"“{titles.get(table, table)}”" + (f"的列 {column}" if column else "")
        types = f"（{old_type} → {new_type}）" if old_type and new_type else ""
        _add_row(
            connection,
            table,
            kind,
            f"{subject}：{KINDS[kind]}{types}。",
            column=column or "",
            old=old_type,
            new=new_type,
        )
        found.append(SchemaChange(table, kind, column))

    for table in sorted(new.keys() - old.keys()):
        add("table_added", table)
    for table in sorted(old.keys() - new.keys()):
        add("table_removed", table)
    for table in sorted(new.keys() & old.keys()):
        before, after = old[table], new[table]
        for column in after:
            if column not in before:
                add("column_added", table, column, None, after[column])
            elif before[column] != after[column]:
                add("column_type_changed", table, column, before[column], after[column])
        for column in before:
            if column not in after:
                add("column_removed", table, column, before[column], None)
    return tuple(found)


def _table_changes(
    connection: duckdb.DuckDBPyConnection,
    table: _Table,
    before: TableFingerprint | None,
    after: TableFingerprint,
) -> TableChange:
    added, withdrawn, changed = _counts(connection, table)
    for kind, rows in (
        ("rows_added", added),
        ("rows_withdrawn", withdrawn),
        ("rows_changed", changed),
    ):
        if rows:
            detail_zh = f"“{table.title}”{KINDS[kind]}：{rows}。"
            _add_row(connection, table.name, kind, detail_zh, rows=rows)
    if table.key:
        _add_cell_changes(connection, table)
    rows_before = before.rows if before else None
    return TableChange(rows_before, after.rows, added, withdrawn, changed)


def compare(
    connection: duckdb.DuckDBPyConnection,
    marts: Mapping[str, Mart],
    before: PublicationManifest | None,
    after: PublicationManifest,
) -> Changes:
    """Fill the temporary table of changes; return their summary for the manifest.

    The connection's database is the new publication; the last one, whose manifest is `before`, is
    attached as `LAST` where there is one. Tables with the same fingerprint in both manifests are
    not read.
    """
    declared = ", ".join(f"{name} {data_type}" for name, data_type in _COLUMNS.items())
    connection.execute(f"create or replace temp table {TABLE} ({declared})")
    if before is None:
        return Changes(tables_added=tuple(sorted(after.tables)))
    (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
    not_compared = {mart.name for mart in marts.values() if mart.holds_changes}
    old, new = mart_columns(connection, LAST), mart_columns(connection, catalog)
    schema = _schema_changes(connection, old, new, {m.name: m.title_zh for m in marts.values()})
    changed = {}
    for name in sorted((new.keys() & old.keys()) - not_compared):
        print_before, print_after = before.tables.get(name), after.tables[name]
        if print_before != print_after or old[name] != new[name]:
            table = _Table(name, marts.get(name), old[name], new[name])
            changed[name] = _table_changes(connection, table, print_before, print_after)
    return Changes(
        against=before.stamp,
        tables_added=tuple(sorted(new.keys() - old.keys())),
        tables_removed=tuple(sorted(old.keys() - new.keys())),
        tables_changed=changed,
        schema=schema,
    )


def store(connection: duckdb.DuckDBPyConnection, marts: Mapping[str, Mart]) -> None:
    """Write the changes into the mart that holds them, where there is one."""
    for mart in marts.values():
        if mart.holds_changes:
            name = f"{SCHEMA}.{identifier(mart.name)}"
            connection.execute(f"delete from {name}")
            connection.execute(f"insert into {name} by name select * from {TABLE} order by all")


def rows(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the changes as JSON objects."""
    relation = connection.sql(f"select * from {TABLE} order by all")
    names = relation.columns
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
