-- Filled when the candidate is assembled (warehouse/publication/changes.py): the changes against the last
-- publication are known when all marts exist.
{{ no_rows_of_declared_columns() }}
