{# The rules that all formulas share, each written once (docs/rules.md#values).

   A quantity is one formula (seed `quantities`). A domain model int_<domain>_quantities gives, for
   each of its quantities, one row per year and area with
     quantity, year, area, numerator, denominator, computed_value, reported_value, is_flagged,
     computed_rows, reported_rows (the rows behind either value, see lineage.sql);
   which of the two values counts is decided later, for all alike, in int_quantity_levels. #}


{# The county itself as an area, as a literal. #}
{% macro county() -%}
  '{{ var('county') }}'
{%- endmacro %}


{# Sums over the parts (sources, species, facilities ...) of each group.

   relation: where the rows are; it needs the columns of `by`, `flags` and `source_row`
   columns:  {name: expression}; a row counts when all expressions have a value, so that the parts
             of a ratio are summed over the same rows
   part:     the column whose value may be 合计 or 全部: the parts where they are given, else the total
   rate:     the column in which the department reports the ratio itself. It speaks for the group
             where the total carries it, or where all rows that carry one agree
   where:    a condition on the rows
   Gives the columns of `by`, the named columns, reported_rate, is_flagged, computed_rows, reported_rows. #}
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


{# Is this row the sum of the others? #}
{% macro is_total(part) -%}
  {{ part }} in ({% for label in var('total_labels') %}'{{ label }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}


{# part_sums per year and area, with the county's own row:
   the 全县 row where one is reported, else the sum over the townships (县城 lies in a township and
   is no part of that sum). #}
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


{# area_sums of rows of months: which of the county's row and the townships' counts is decided month by
   month, so that a year of which some months come from the county and others from the townships is whole.
   Where the county's row lacks a column, the townships' rows are the county's.

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
    ) as of_county on months.month = of_county.month
    cross join (select area from {{ ref('contract_areas') }}) as counting
    where
      counting.area = months.area
      or (counting.area = {{ county() }} and areas.kind = 'township' and of_county.month is null)
  )
  {%- endset -%}
  {{ area_sums(months, names) }}
{%- endmacro %}


{# Rows of a quantity that is a ratio: scale * numerator / denominator.
   No ratio without both parts or over zero; then the reported one may serve. `nothing` is a
   condition under which there is nothing to divide and the ratio is 0, whatever it is divided by. #}
{% macro ratio(quantity, relation, numerator, denominator, reported=none, scale=100, area='area', nothing=none, rows='computed_rows') -%}
  select
    '{{ quantity }}' as quantity,
    cast(year as bigint) as year,
    {{ area }} as area,
    cast({{ numerator }} as double) as numerator,
    cast({{ denominator }} as double) as denominator,
    case
      {% if nothing %}when {{ nothing }} then 0{% endif %}

      when {{ denominator }} > 0 then {{ scale }} * cast({{ numerator }} as double) / {{ denominator }}
    end as computed_value,
    cast({{ reported or 'null' }} as double) as reported_value,
    is_flagged,
    {{ rows }} as computed_rows,
    {{ 'reported_rows' if reported else no_texts() }} as reported_rows
  from {{ relation }}
{%- endmacro %}


{# Rows of a quantity that is an amount: computed from the rows, or as the department evaluated it. #}
{% macro amount(quantity, relation, computed=none, reported=none, area='area', rows='computed_rows') -%}
  select
    '{{ quantity }}' as quantity,
    cast(year as bigint) as year,
    {{ area }} as area,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    cast({{ computed or 'null' }} as double) as computed_value,
    cast({{ reported or 'null' }} as double) as reported_value,
    is_flagged,
    {{ rows if computed else no_texts() }} as computed_rows,
    {{ 'reported_rows' if reported else no_texts() }} as reported_rows
  from {{ relation }}
{%- endmacro %}


{# A value converted from one unit into another of its dimension, exactly: all multiplications come
   before the one division. The factors are those of the contracts. `into` is a unit; the unit that
   the value has is that of a contract's field. #}
{% macro converted(value, dataset, field, into) -%}
  {%- set own = lake_unit(dataset, field) -%}
  ({{ value }} * {{ unit_factor(own, 'numerator') }} * {{ unit_factor(into, 'denominator') }}
    / ({{ unit_factor(own, 'denominator') }} * {{ unit_factor(into, 'numerator') }}))
{%- endmacro %}

{% macro unit_factor(unit, half) -%}
  (select cast(max(to_canonical_{{ half }}) as double) from {{ ref('contract_units') }} where unit = '{{ unit }}')
{%- endmacro %}


{# Is `unit` a name or another spelling of the unit that this row of contract_units declares? #}
{% macro names_unit(units, unit) -%}
  ({{ units }}.unit = {{ unit }}
    or ({{ unit }} <> '' and instr(';' || {{ units }}.aliases || ';', ';' || {{ unit }} || ';') > 0))
{%- endmacro %}
