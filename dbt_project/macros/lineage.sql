{# Lineage travels with the value: what a sum adds up, it also lists. A row of the lake is named by a
   row key, `dataset/submission/first line/last line/rows`: one line of a file, or, where they are the
   many, all rows between two lines that went into a value. Staging gives each row its key in the
   column source_row; a relation that quantities are made from has arrays of them: computed_rows
   behind the computed value, reported_rows behind the reported one. #}


{# The key of one row, or of `rows` rows between the lines `first` and `last`. #}
{% macro row_key(dataset, submission_id, first, last=none, rows=none) -%}
  '{{ dataset }}/' || {{ submission_id }} || '/' || cast({{ first }} as string) || '/'
  || cast({{ last or first }} as string) || '/' || {{ "cast(" ~ rows ~ " as string)" if rows else "'1'" }}
{%- endmacro %}


{# The keys of a group's rows; of those that fulfil a condition. #}
{% macro rows_where(condition=none, key='source_row') -%}
  array_agg({{ key }}){% if condition %} filter (where {{ condition }}){% endif %}
{%- endmacro %}


{# The same of groups that were grouped before: an array of arrays made one. `window` is an over clause. #}
{% macro grouped_rows(rows='computed_rows', condition=none, window='') -%}
  flatten(array_agg({{ rows }}){% if condition %} filter (where {{ condition }}){% endif %}{{ ' ' ~ window if window }})
{%- endmacro %}


{# The parts of a row key. #}
{% macro row_key_part(key, part) -%}
  split_part({{ key }}, '/', {{ ['dataset', 'submission_id', 'first_row', 'last_row', 'rows'].index(part) + 1 }})
{%- endmacro %}
