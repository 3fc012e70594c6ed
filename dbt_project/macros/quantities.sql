{# The sums that all formulas share (docs/rules.md, county value and ratios).

   A quantity is what one formula (formulas.sql) gives; the seed `quantities` names them. A domain model
   int_<domain>_quantities gives, for each of its quantities, one row per year and area with
     quantity, year, area, numerator, denominator, computed_value, reported_value, is_flagged,
     computed_rows, reported_rows (keys of the rows behind either value, lineage.sql);
   int_quantity_levels then decides for all alike which of the two values counts. #}


{# The area that is the county itself, as a literal. #}
{% macro county() -%}
  '{{ var('county') }}'
{%- endmacro %}


{# Sums over the parts (sources, species, facilities ...) of each group.

   relation: the rows, with the columns of `by`, `flags` and `source_row`
   by:       the columns that name a group
   columns:  {name: expression}; a row is summed when all expressions have a value, so that numerator
             and denominator of a ratio are sums over the same rows
   part:     the column whose value may be 合计 or 全部: the parts are summed where they are given, else
             the total
   rate:     the column in which the department reports the ratio itself. The group's reported rate is
             that of its total, else the one on which all its rows agree
   where:    a condition on the rows
   Columns: those of `by`, the named ones, reported_rate, is_flagged, computed_rows, reported_rows. #}
{% macro part_sums(relation, by, columns, part=none, rate=none, where=none) -%}
  select
    {{ by | join(', ') }},
    {% for name in columns %}
    coalesce(
      sum({{ name }}) filter (where is_complete and not is_total),
      sum({{ name }}) filter (where is_complete and is_total)
    ) as {{ name }},
    {% endfor %}
    coalesce(
      max(rate) filter (where is_total),
      case when min(rate) = max(rate) then min(rate) end
    ) as reported_rate,
    bool_or(is_flagged) as is_flagged,
    case
      when bool_or(is_complete and not is_total) then {{ rows_where('is_complete and not is_total') }}
      else {{ rows_where('is_complete') }}
    end as computed_rows,
    case
      when count(rate) filter (where is_total) > 0 then {{ rows_where('is_total and rate is not null') }}
      else {{ rows_where('rate is not null') }}
    end as reported_rows
  from (
    select
      {{ by | join(', ') }},
      source_row,
      {% for name, expression in columns.items() %}
      {{ expression }} as {{ name }},
      {% endfor %}
      {% for expression in columns.values() -%}
      ({{ expression }}) is not null{{ ' and ' if not loop.last }}
      {%- endfor %} as is_complete,
      {{ is_total(part) if part else 'false' }} as is_total,
      {{ rate or 'cast(null as double)' }} as rate,
      flags is not null as is_flagged
    from {{ relation }}
    {% if where %}where {{ where }}{% endif %}
  ) as parts
  group by {{ by | join(', ') }}
{%- endmacro %}


{# Whether a row is the sum of the other rows: its part is 合计 or 全部. #}
{% macro is_total(part) -%}
  {{ part }} in ({% for label in var('total_labels') %}'{{ label }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}


{# part_sums by year and area. The county's row is the 全县 row where one is reported, else the sum over the
   townships; 县城 lies in a township and is left out of that sum. #}
{% macro area_sums(relation, columns, part=none, rate=none) -%}
  with
  by_area as (
    {{ part_sums(relation, ['year', 'area'], columns, part=part, rate=rate) }}
  )

  select
    by_area.year,
    {{ county() }} as area,
    {% for name in columns %}
    coalesce(
      max(by_area.{{ name }}) filter (where areas.kind = 'county'),
      sum(by_area.{{ name }}) filter (where areas.kind = 'township')
    ) as {{ name }},
    {% endfor %}
    max(by_area.reported_rate) filter (where areas.kind = 'county') as reported_rate,
    coalesce(
      bool_or(by_area.is_flagged) filter (where areas.kind = 'county'),
      bool_or(by_area.is_flagged) filter (where areas.kind = 'township'),
      false
    ) as is_flagged,
    {% set reported = 'count(by_area.' ~ (columns | first) ~ ") filter (where areas.kind = 'county') > 0" %}
    case
      when {{ reported }} then {{ grouped_rows('by_area.computed_rows', "areas.kind = 'county'") }}
      else {{ grouped_rows('by_area.computed_rows', "areas.kind = 'township'") }}
    end as computed_rows,
    {{ grouped_rows('by_area.reported_rows', "areas.kind = 'county'") }} as reported_rows
  from by_area
  inner join {{ ref('contract_areas') }} as areas on by_area.area = areas.area
  group by by_area.year
  union all
  select
    year,
    area,
    {% for name in columns %}
    {{ name }},
    {% endfor %}
    reported_rate,
    is_flagged,
    computed_rows,
    reported_rows
  from by_area
  where area <> {{ county() }}
{%- endmacro %}


{# area_sums of rows of months. Each month of the county is its 全县 row where that has all columns, else the
   sum over the townships, so that a year may have months of both kinds.

   relation: rows with month, area, flags and source_row; columns: as in area_sums. #}
{% macro area_sums_by_month(relation, columns) -%}
  {%- set names = {} -%}
  {%- for name in columns %}{% do names.update({name: name}) %}{% endfor -%}
  {%- set months -%}
  (
    select
      extract(year from months.month) as year,
      counting.area,
      {% for name, expression in columns.items() %}
      {{ expression }} as {{ name }},
      {% endfor %}
      months.flags,
      months.source_row
    from {{ relation }} as months
    inner join {{ ref('contract_areas') }} as areas on months.area = areas.area
    left join (
      select month
      from {{ relation }}
      where area = {{ county() }}{% for expression in columns.values() %} and ({{ expression }}) is not null{% endfor %}
    ) as county_months on months.month = county_months.month
    cross join (select area from {{ ref('contract_areas') }}) as counting
    where
      counting.area = months.area
      or (counting.area = {{ county() }} and areas.kind = 'township' and county_months.month is null)
  )
  {%- endset -%}
  {{ area_sums(months, names) }}
{%- endmacro %}


{# A value in the unit of a contract's field, converted into the unit `into` of the same dimension by the
   contracts' factors. All multiplications come before the one division, so that it is exact. #}
{% macro converted(value, dataset, field, into) -%}
  {%- set own = lake_unit(dataset, field) -%}
  ({{ value }} * {{ unit_factor(own, 'numerator') }} * {{ unit_factor(into, 'denominator') }}
    / ({{ unit_factor(own, 'denominator') }} * {{ unit_factor(into, 'numerator') }}))
{%- endmacro %}

{% macro unit_factor(unit, half) -%}
  (select cast(max(to_canonical_{{ half }}) as double) from {{ ref('contract_units') }} where unit = '{{ unit }}')
{%- endmacro %}


{# Whether `unit` is the name or an alias of the unit in a row of contract_units. #}
{% macro names_unit(units, unit) -%}
  ({{ units }}.unit = {{ unit }}
    or ({{ unit }} <> '' and instr(';' || {{ units }}.aliases || ';', ';' || {{ unit }} || ';') > 0))
{%- endmacro %}
