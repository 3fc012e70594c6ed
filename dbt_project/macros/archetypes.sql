{# Rows of all datasets of an archetype, with a column for each role (docs/supervision.md). #}


{# What plays a role in a dataset, as an expression over its staging model aliased `r`; a null of that
   type where nothing does. Of several fields the first that is given counts. #}
{% macro role(entry, name, type='string') -%}
  {%- set plays = entry.roles.get(name) -%}
  {%- if plays is none -%}
    cast(null as {{ type }})
  {%- elif 'constant' in plays -%}
    cast('{{ plays.constant }}' as {{ type }})
  {%- elif plays.fields | length == 1 -%}
    cast(r.{{ plays.fields[0] }} as {{ type }})
  {%- else -%}
    coalesce({% for field in plays.fields %}cast(r.{{ field }} as {{ type }}){{ ', ' if not loop.last }}{% endfor %})
  {%- endif -%}
{%- endmacro %}


{# All that plays a role, joined by `; `; null where all of it is empty. #}
{% macro role_list(entry, name) -%}
  {%- if has_role(entry, name) -%}
    nullif(concat_ws('; '
      {%- for field in entry.roles[name].fields %}, cast(r.{{ field }} as string){% endfor -%}
    ), '')
  {%- else -%}
    cast(null as string)
  {%- endif -%}
{%- endmacro %}


{# Titles of the fields of a role that are empty, joined by `; `; null where none is. #}
{% macro missing_titles(entry, name) -%}
  {%- if has_role(entry, name) -%}
    nullif(concat_ws('; '
      {%- for field in entry.roles[name].fields -%}
      , case when r.{{ field }} is null then '{{ lake_title(entry.dataset, field) }}' end
      {%- endfor -%}
    ), '')
  {%- else -%}
    cast(null as string)
  {%- endif -%}
{%- endmacro %}


{# The unit of the field that plays a role; null where it has none. #}
{% macro role_unit(entry, name) -%}
  {%- set field = entry.roles.get(name, {}).get('fields', [none])[0] -%}
  {%- if field in entry.units -%}'{{ entry.units[field] }}'{%- else -%}cast(null as string){%- endif -%}
{%- endmacro %}


{# The same as a date, and as a timestamp: a year counts from its first day. #}
{% macro role_date(entry, name) -%}
  cast({{ role_time(entry, name) }} as date)
{%- endmacro %}

{% macro role_time(entry, name) -%}
  {%- set plays = entry.roles.get(name) -%}
  {%- if plays is not none and plays.fields is defined and entry.types[plays.fields[0]] == 'year' -%}
    cast(make_date(cast(r.{{ plays.fields[0] }} as int), 1, 1) as timestamp)
  {%- else -%}
    {{ role(entry, name, 'timestamp') }}
  {%- endif -%}
{%- endmacro %}


{# The end of the period that the roles `period` (a year) and `part` (全年, 上半年, 一季度, 10月 ...) name, as a
   timestamp of its last day; a part that names no months ends with the year. #}
{% macro end_of_part(entry) -%}
  {%- if has_role(entry, 'period') -%}
    {%- set part = role(entry, 'part') -%}
    cast(last_day(make_date({{ role(entry, 'period', 'int') }}, case
      when {{ part }} = '上半年' then 6
      when {{ part }} = '一季度' then 3
      when {{ part }} = '二季度' then 6
      when {{ part }} = '三季度' then 9
      when {{ part }} like '%月' then coalesce(try_cast(replace({{ part }}, '月', '') as int), 12)
      else 12
    end, 1)) as timestamp)
  {%- else -%}
    cast(null as timestamp)
  {%- endif -%}
{%- endmacro %}


{# Permit numbers are compared in capital letters. #}
{% macro role_permit(entry, name='permit') -%}
  upper({{ role(entry, name) }})
{%- endmacro %}


{# The condition under which rows of a dataset take part: the fields of role `only` have these values. #}
{% macro takes_part(entry) -%}
  {%- set conditions = [] -%}
  {%- for field, value in entry.roles.get('only', {}).get('equals', {}).items() -%}
    {%- do conditions.append("r." ~ field ~ " = '" ~ value ~ "'") -%}
  {%- endfor -%}
  {{ conditions | join(' and ') or 'true' }}
{%- endmacro %}


{# One row: the moment (`now`) and the day (`today`) of this build in Yangcheng. #}
{% macro county_now() -%}
  select built_at + interval '8' hour as now, today from {{ source('intake', 'build') }}
{%- endmacro %}


{# Names of objects as they are compared: without spaces, in small letters. #}
{% macro folded(name) -%}
  lower(replace({{ name }}, ' ', ''))
{%- endmacro %}


{# One row with the numbers of these thresholds, a column each; null where the table has none. #}
{% macro supervision_numbers(threshold_ids) -%}
  select
    {% for threshold_id in threshold_ids %}
    max(case when threshold_id = '{{ threshold_id }}' then try_cast(value as double) end) as {{ threshold_id }}
    {{- ',' if not loop.last }}
    {% endfor %}
  from {{ ref('supervision_thresholds') }}
{%- endmacro %}


{# Does any field play that role in the dataset? #}
{% macro has_role(entry, name) -%}
  {{ return(name in entry.roles) }}
{%- endmacro %}


{# The contract's key as one text, its parts joined by ·, without the fields in `but`. #}
{% macro joined_key(entry, but=[]) -%}
  {%- set parts = [] -%}
  {%- for field in entry.key if field not in but -%}
    {%- do parts.append("coalesce(cast(r." ~ field ~ " as string), '')") -%}
  {%- endfor -%}
  {{ parts | join(" || '·' || ") }}
{%- endmacro %}


{# The fields that play no role and are no part of the key, as 标题：值 joined by ；; null where all are
   empty. #}
{% macro remaining_details(entry) -%}
  {%- if entry.others | length == 0 -%}
    cast(null as string)
  {%- else -%}
    nullif(concat_ws('；'
      {%- for field in entry.others -%}
      , '{{ lake_title(entry.dataset, field) }}：' || {{ plain_text('r.' ~ field) }}
      {%- endfor -%}
    ), '')
  {%- endif -%}
{%- endmacro %}


{# The day by which a visit comes due after `day`, and the day an interval before it; of days or months. #}
{% macro after_interval(day, count, unit) -%}
  case {{ unit }}
    when '月' then {{ months_after(day, count) }}
    when '小时' then {{ days_after(day, 'ceil(' ~ count ~ ' / 24e0)') }}
    else {{ days_after(day, count) }}
  end
{%- endmacro %}
