{# Computed from daily data where enough days are valid, and as the department evaluates the year: which of
   the two is in force is decided in int_quantity_levels, for all quantities by one rule. #}
with
counted as (
  {{ air_period_values(
    '(select * from ' ~ ref('air_quality_daily') ~ ' where station = ' ~ county() ~ ') as county_days',
    [],
    'cast(extract(year from day) as bigint)',
    'year',
    enough=var('air_valid_days')
  ) }}
),

evaluated as (
  select * from {{ ref('stg_air_quality_annual') }}
),

day_rows as (
  select year, {{ rows_where() }} as day_rows
  from {{ ref('int_air_year_rows') }}
  group by year
),

years as (
  select
    coalesce(counted.year, evaluated.year) as year,
    {% for name in air_values() %}
    counted.{{ name }} as {{ name }}_computed,
    evaluated.{{ name }} as {{ name }}_reported,
    coalesce(counted.{{ name }}, evaluated.{{ name }}) as {{ name }},
    {% endfor %}
    case when counted.is_complete then counted.good_days end as good_days_computed,
    cast(evaluated.good_days as bigint) as good_days_reported,
    case when counted.is_complete then counted.good_days else cast(evaluated.good_days as bigint) end
      as good_days,
    case
      when counted.is_complete then counted.valid_days
      when evaluated.year is not null then coalesce(evaluated.valid_days, {{ days_of_year('evaluated.year') }})
    end as valid_days,
    case when counted.is_complete then counted.heavy_days end as heavy_days,
    evaluated.reported_rate,
    counted.standard,
    coalesce(counted.is_flagged, false) or evaluated.flags is not null as is_flagged,
    day_rows.day_rows as computed_rows,
    {{ list_of(['evaluated.source_row']) }} as reported_rows,
    case when counted.is_complete then day_rows.day_rows else {{ list_of(['evaluated.source_row']) }} end
      as good_day_rows
  from counted
  full outer join evaluated on counted.year = evaluated.year
  left join day_rows on counted.year = day_rows.year
)

{{ with_composite_index('years', 'make_date(cast(year as int), 12, 31)') }}
