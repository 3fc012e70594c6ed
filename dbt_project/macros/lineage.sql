{# Lineage: a query that sums rows also lists their keys. A row key names rows of the lake,
   `dataset/submission/first line/last line/rows/cells`: one line of a file (of a converted table: some of
   its cells) or, for datasets of very many rows, all rows between two lines. Staging has the key of each
   row in the column source_row; a relation that quantities are computed from has arrays of them:
   computed_rows of the computed value, reported_rows of the reported one. #}


{# The key of one row, of whose line `cells` may name the cells, or of `rows` rows between the lines
   `first` and `last`. #}
{% macro row_key(dataset, submission_id, first, last=none, rows=none, cells=none) -%}
  '{{ dataset }}/' || {{ submission_id }} || '/' || cast({{ first }} as string) || '/'
  || cast({{ last or first }} as string) || '/' || {{ "cast(" ~ rows ~ " as string)" if rows else "'1'" }}
  || '/'{% if cells %} || coalesce({{ cells }}, ''){% endif %}

{%- endmacro %}


{# The keys of a group's rows, or of those that fulfil a condition. #}
{% macro rows_where(condition=none, key='source_row') -%}
  array_agg({{ key }}){% if condition %} filter (where {{ condition }}){% endif %}
{%- endmacro %}


{# The keys of a group of rows that have arrays of keys themselves. `window` is an over clause. #}
{% macro grouped_rows(rows='computed_rows', condition=none, window='') -%}
  flatten(array_agg({{ rows }}){% if condition %} filter (where {{ condition }}){% endif %}{{ ' ' ~ window if window }})
{%- endmacro %}


{# The parts of a row key. #}
{% macro row_key_part(key, part) -%}
  split_part({{ key }}, '/', {{ ['dataset', 'submission_id', 'first_row', 'last_row', 'rows', 'cells'].index(part) + 1 }})
{%- endmacro %}
