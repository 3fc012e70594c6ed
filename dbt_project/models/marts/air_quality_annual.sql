{# The county's years are those that its indicators are made of; a station's come from its days alone. #}
with
stations as (
  {{ air_period_values(
    '(select * from ' ~ ref('air_quality_daily') ~ ' where station <> ' ~ county() ~ ') as station_days',
    ['station'],
    'cast(extract(year from day) as bigint)',
    'year',
    enough=var('air_valid_days')
  ) }}
),

rated as (
  {{ with_composite_index('stations', 'make_date(cast(year as int), 12, 31)') }}
),

every_year as (
  select
    station,
    year,
    {{ air_values() | join(', ') }},
    composite_index,
    case when is_complete then good_days end as good_days,
    case when is_complete then heavy_days end as heavy_days,
    valid_days,
    'computed' as basis,
    standard,
    is_flagged
  from rated
  union all
  select
    {{ county() }} as station,
    year,
    {{ air_values() | join(', ') }},
    composite_index,
    good_days,
    heavy_days,
    valid_days,
    case
      when coalesce({% for name in air_values() %}{{ name }}_computed, {% endfor %}good_days_computed) is null then 'reported'
      when {% for name in air_values() + ['good_days'] %}({{ name }}_computed is null and {{ name }}_reported is not null){{ ' or ' if not loop.last }}{% endfor %}
        then 'computed and reported'
      else 'computed'
    end as basis,
    standard,
    is_flagged
  from {{ ref('int_air_years') }}
)

select
  station,
  year,
  {{ first_of_year('year') }} as period_start,
  {{ air_values() | join(', ') }},
  composite_index,
  good_days,
  heavy_days as heavily_polluted_days,
  valid_days,
  case when valid_days > 0 then 100 * good_days / cast(valid_days as double) end as good_day_share,
  basis,
  standard,
  is_flagged
from every_year
order by station, year
