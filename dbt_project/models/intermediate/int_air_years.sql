{# Computed from daily data where enough days are valid, else as the department evaluates the year:
   which of the two counts is decided for all quantities alike. #}
{% set means = ['pm25', 'pm10', 'so2', 'no2'] %}
{% set percentiles = {'co_p95': ('co', 0.95), 'o3_8h_p90': ('o3_8h', 0.90)} %}
{% set enough = ' >= ' ~ var('air_valid_days') %}
with
counted as (
  select
    cast(extract(year from day) as bigint) as year,
    {% for pollutant in means %}
    case when count({{ pollutant }}_mean){{ enough }} then avg({{ pollutant }}_mean) end as {{ pollutant }},
    {% endfor %}
    {% for name, (pollutant, share) in percentiles.items() %}
    case
      when count({{ pollutant }}_mean){{ enough }}
        then percentile_cont({{ share }}) within group (order by {{ pollutant }}_mean)
    end as {{ name }},
    {% endfor %}
    case when count(aqi){{ enough }} then count(*) filter (where is_good) end as good_days,
    case when count(aqi){{ enough }} then count(*) filter (where is_heavily_polluted) end as heavy_days,
    count(aqi) as valid_days,
    bool_or(is_flagged) as is_flagged
  from {{ ref('air_quality_daily') }}
  where station = {{ county() }}
  group by cast(extract(year from day) as bigint)
),

evaluated as (
  select * from {{ ref('stg_air_quality_annual') }}
),

years as (
  select
    coalesce(counted.year, evaluated.year) as year,
    {% for name in means + percentiles.keys() | list %}
    counted.{{ name }} as {{ name }}_computed,
    evaluated.{{ name }} as {{ name }}_reported,
    coalesce(counted.{{ name }}, evaluated.{{ name }}) as {{ name }},
    {% endfor %}
    counted.good_days as good_days_computed,
    cast(evaluated.good_days as bigint) as good_days_reported,
    coalesce(counted.good_days, evaluated.good_days) as good_days,
    case
      when counted.good_days is not null then counted.valid_days
      when evaluated.year is not null then coalesce(evaluated.valid_days, {{ days_of_year('evaluated.year') }})
    end as valid_days,
    counted.heavy_days,
    evaluated.reported_rate,
    coalesce(counted.is_flagged, false) or evaluated.flags is not null as is_flagged
  from counted
  full outer join evaluated on counted.year = evaluated.year
),

{# The class-2 limits in force at the end of the year. #}
limits as (
  select
    years.year,
    {% for name in means %}
    max(limits.limit_value) filter (where limits.pollutant = '{{ name }}' and limits.averaging = 'annual') as {{ name }}_limit,
    {% endfor %}
    max(limits.limit_value) filter (where limits.averaging = '24h p95') as co_p95_limit,
    max(limits.limit_value) filter (where limits.averaging = '8h p90') as o3_8h_p90_limit
  from years
  inner join {{ ref('int_air_limits') }} as limits
    on
      limits.valid_from <= make_date(cast(years.year as int), 12, 31)
      and (limits.replaced_on is null or limits.replaced_on > make_date(cast(years.year as int), 12, 31))
  group by years.year
)

select
  years.*,
  {% for name in means + percentiles.keys() | list %}
  years.{{ name }} / limits.{{ name }}_limit{{ ' +' if not loop.last }}
  {% endfor %}
  as composite_index
from years
left join limits on years.year = limits.year
