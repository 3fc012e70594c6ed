"""What a publication changes against the one before it, as rows.

Tables and columns that came or went, rows added, withdrawn and changed in each table, and for
the columns that a mart declares as `compared` every cell with its old and new value. The same rows
are a mart of the publication and `changes.json` beside it.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

from warehouse.home.sql import identifier, literal
from warehouse.publication.marts import SCHEMA, Mart

TABLE = "publication_differences"  # a temporary table of the connection
LAST = "last_publication"  # the catalog under which the last publication is attached
# How a kind of change is called in Chinese.
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


def columns_of(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, dict[str, str]]:
    """The marts of an attached database: table, column, type."""
    found: dict[str, dict[str, str]] = {}
    for table, column, data_type in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "join duckdb_tables() using (database_name, schema_name, table_name) "
        "where database_name = ? and schema_name = ? order by table_name, column_index",
        [catalog, SCHEMA],
    ).fetchall():
        found.setdefault(table, {})[column] = data_type
    return found


class _Table:
    """One table that both publications have, and how its rows are compared."""

    def __init__(
        self, name: str, mart: Mart | None, old: Mapping[str, str], new: Mapping[str, str]
    ) -> None:
        self.name = name
        self.mart = mart
        # A column of another type is a change of the schema; its values are not compared.
        self.common = [column for column, kind in new.items() if old.get(column) == kind]
        key = mart.key if mart else ()
        self.key = key if key and set(key) <= set(self.common) else ()
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
        return " and ".join(f"n.{identifier(k)} = o.{identifier(k)}" for k in self.key)

    def differs(self) -> str:
        return " or ".join(
            f"n.{identifier(c)} is distinct from o.{identifier(c)}"
            for c in self.common
            if c not in self.key
        )

    def subject(self, side: str) -> str:
        parts = ", ".join(f"cast({side}.{identifier(k)} as varchar)" for k in self.key)
        return f"concat_ws('；', {parts})"

    def subjects(self, side: str) -> str:
        return ", ".join(
            f"cast({f'{side}.{identifier(c)}' if c in self.key else 'null'} as {t}) as {c}"
            for c, t in _SUBJECTS.items()
        )


def _counts(connection: duckdb.DuckDBPyConnection, table: _Table) -> tuple[int, int, int]:
    """Rows added, withdrawn, changed; without a key a changed row is one of each of the first."""
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


def _list_cells(connection: duckdb.DuckDBPyConnection, table: _Table) -> None:
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
    for kind, side, other, has in (
        ("row_added", "n", "o", "new"),
        ("row_withdrawn", "o", "n", "old"),
    ):
        rows, others = (table.new, table.old) if side == "n" else (table.old, table.new)
        value = f"cast({side}.{identifier(first)} as varchar)"
        old, new = (value, "null") if has == "old" else ("null", value)
        connection.execute(
            f"insert into {TABLE} select {literal(table.name)}, {literal(kind)}, "
            f"{literal(KINDS[kind])}, {table.subject(side)} as subject, {literal(first)}, "
            f"{table.subjects(side)}, {old}, {new}, 1, {title} || '（' || subject || '）' || "
            f"{literal(KINDS[kind])} || '：' || {literal(table.column_title(first))} || ' ' || "
            f"coalesce({value}, '空') || '。' "
            f"from {rows} as {side} anti join {others} as {other} on {table.same_key()}"
        )


def _add(
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
    title: Mapping[str, str],
) -> list[dict[str, str]]:
    found = []

    def note(
        kind: str, table: str, column: str = "", was: str | None = None, now: str | None = None
    ) -> None:
        where = f"“{title.get(table, table)}”" + (f"的列 {column}" if column else "")
        types = f"（{was} → {now}）" if was and now else ""
        _add(
            connection,
            table,
            kind,
            f"{where}：{KINDS[kind]}{types}。",
            column=column,
            old=was,
            new=now,
        )
        found.append({"table": table, "change": kind} | ({"column": column} if column else {}))

    for table in sorted(new.keys() - old.keys()):
        note("table_added", table)
    for table in sorted(old.keys() - new.keys()):
        note("table_removed", table)
    for table in sorted(new.keys() & old.keys()):
        before, after = old[table], new[table]
        for column in after:
            if column not in before:
                note("column_added", table, column, None, after[column])
            elif before[column] != after[column]:
                note("column_type_changed", table, column, before[column], after[column])
        for column in before:
            if column not in after:
                note("column_removed", table, column, before[column], None)
    return found


def compare(
    connection: duckdb.DuckDBPyConnection,
    marts: Mapping[str, Mart],
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
) -> dict[str, Any]:
    """Fill the temporary table of changes; return their summary for the manifest.

    The connection's database is the new publication, the last one is attached as `LAST` when
    there is one (`before`, its manifest). `after` is the new manifest: tables whose fingerprints
    in the two are alike are not looked at.
    """
    declared = ", ".join(f"{name} {data_type}" for name, data_type in _COLUMNS.items())
    connection.execute(f"create or replace temp table {TABLE} ({declared})")
    summary: dict[str, Any] = {
        "against": before["stamp"] if before else None,
        "tables_added": [],
        "tables_removed": [],
        "tables_changed": {},
        "schema": [],
    }
    if before is None:
        summary["tables_added"] = sorted(after["tables"])
        return summary
    (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
    ignored = {mart.name for mart in marts.values() if mart.holds_changes}
    old, new = columns_of(connection, LAST), columns_of(connection, catalog)
    titles = {mart.name: mart.title_zh for mart in marts.values()}
    summary["schema"] = _schema_changes(connection, old, new, titles)
    summary["tables_added"] = sorted(new.keys() - old.keys())
    summary["tables_removed"] = sorted(old.keys() - new.keys())
    prints = before.get("tables", {})
    for name in sorted((new.keys() & old.keys()) - ignored):
        if prints.get(name) == after["tables"][name] and old[name] == new[name]:
            continue
        table = _Table(name, marts.get(name), old[name], new[name])
        added, withdrawn, changed = _counts(connection, table)
        summary["tables_changed"][name] = {
            "rows_before": prints.get(name, {}).get("rows"),
            "rows_after": after["tables"][name]["rows"],
            "rows_added": added,
            "rows_withdrawn": withdrawn,
            "rows_changed": changed,
        }
        for kind, rows in (
            ("rows_added", added),
            ("rows_withdrawn", withdrawn),
            ("rows_changed", changed),
        ):
            if rows:
                _add(connection, name, kind, f"“{table.title}”{KINDS[kind]}：{rows}。", rows=rows)
        if table.key:
            _list_cells(connection, table)
    return summary


def store(connection: duckdb.DuckDBPyConnection, marts: Mapping[str, Mart]) -> None:
    """Write the compared rows into the mart that holds them, where there is one."""
    for mart in marts.values():
        if mart.holds_changes:
            name = f"{SCHEMA}.{identifier(mart.name)}"
            connection.execute(f"delete from {name}")
            connection.execute(f"insert into {name} by name select * from {TABLE} order by all")


def rows(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The compared rows, as JSON can carry them."""
    relation = connection.sql(f"select * from {TABLE} order by all")
    names = relation.columns
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
