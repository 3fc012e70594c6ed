-- Filled when the publication is put together (warehouse/changes.py): what it changes against the one
-- before it is only known once all marts are there.
{{ no_rows_of_declared_columns() }}
