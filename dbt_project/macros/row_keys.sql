{# Parts of the key of a delivered row: its year, its area, its other keys as text. `relation`
   qualifies the columns. #}


{# The key field that dates a row, with its contract type; none where the key has no time. #}
{% macro lake_period(dataset) %}
  {%- for type in ['year', 'month', 'date', 'datetime'] -%}
    {%- set found = lake_columns(dataset, key=true, types=[type], needed=false) -%}
    {%- if found -%}{{ return({'field': found[0], 'type': type}) }}{%- endif -%}
  {%- endfor -%}
  {{ return(none) }}
{% endmacro %}


{# The year of a row's key, null where the key has no time. #}
{% macro year_of_row(dataset, relation) -%}
  {%- set period = lake_period(dataset) -%}
  {%- if not period -%}
  cast(null as bigint)
  {%- elif period.type == 'year' -%}
  cast({{ relation }}.{{ period.field }} as bigint)
  {%- else -%}
  cast(extract(year from {{ relation }}.{{ period.field }}) as bigint)
  {%- endif -%}
{%- endmacro %}


{# The area or township of a row's key, null where the key has none. #}
{% macro area_of_row(dataset, relation) -%}
  {%- set areas = lake_columns(dataset, key=true, types=['area', 'township'], needed=false) -%}
  {{ relation ~ '.' ~ areas[0] if areas else 'cast(null as string)' }}
{%- endmacro %}


{# The values of a row's keys as one text, without the year and `without`: 2023-03 凤城镇. #}
{% macro key_text(dataset, relation, without=[]) -%}
  {%- set texts = [] -%}
  {%- for key in lake_columns(dataset, key=true) if key not in without -%}
    {%- if key in lake_columns(dataset, key=true, types=['month'], needed=false) -%}
      {%- do texts.append('substr(cast(' ~ relation ~ '.' ~ key ~ ' as string), 1, 7)') -%}
    {%- elif key not in lake_columns(dataset, key=true, types=['year'], needed=false) -%}
      {%- do texts.append('cast(' ~ relation ~ '.' ~ key ~ ' as string)') -%}
    {%- endif -%}
  {%- endfor -%}
  {{ texts | join(" || ' ' || ") if texts else "''" }}
{%- endmacro %}
