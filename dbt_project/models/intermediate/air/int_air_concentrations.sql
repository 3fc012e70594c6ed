{# A station's day from its hours, a pollutant that they do not give from the daily values delivered.
   The county's day is the mean over its stations, else the 全县 row that was delivered. #}
{% set pollutants = air_pollutants() %}
with
station_days as (
  select
    coalesce(hours.station, delivered.station) as station,
    coalesce(hours.day, delivered.day) as day,
    {% for pollutant in pollutants %}
    coalesce(hours.{{ pollutant }}, delivered.{{ pollutant }}) as {{ pollutant }},
    {% endfor %}
    hours.o3_1h,
    cast(delivered.aqi as bigint) as reported_aqi,
    case
      when hours.station is null then 'daily'
      {% for pollutant in pollutants %}
      when hours.{{ pollutant }} is null and delivered.{{ pollutant }} is not null then 'hourly and daily'
      {% endfor %}
      else 'hourly'
    end as basis,
    coalesce(hours.is_flagged, false) or delivered.flags is not null as is_flagged
  from {{ ref('int_air_hour_days') }} as hours
  full outer join {{ ref('stg_air_quality_daily') }} as delivered
    on hours.station = delivered.station and hours.day = delivered.day
),

means as (
  select
    day,
    {% for pollutant in pollutants %}
    {{ air_mean(pollutant) }} as {{ pollutant }},
    {% endfor %}
    {{ air_mean('o3_1h') }} as o3_1h,
    cast(ceil(avg(reported_aqi)) as bigint) as reported_aqi,
    bool_or(is_flagged) as is_flagged
  from station_days
  where station <> {{ county() }}
  group by day
),

county_days as (
  select
    {{ county() }} as station,
    coalesce(means.day, reported.day) as day,
    {% for pollutant in pollutants %}
    coalesce(means.{{ pollutant }}, reported.{{ pollutant }}) as {{ pollutant }},
    {% endfor %}
    means.o3_1h,
    coalesce(means.reported_aqi, reported.reported_aqi) as reported_aqi,
    case
      when coalesce({% for pollutant in pollutants %}means.{{ pollutant }}{{ ', ' if not loop.last }}{% endfor %}, means.reported_aqi) is null
        then reported.basis
      else 'stations'
    end as basis,
    coalesce(means.is_flagged, reported.is_flagged) as is_flagged
  from means
  full outer join (select * from station_days where station = {{ county() }}) as reported
    on means.day = reported.day
)

select station, day, {{ pollutants | join(', ') }}, o3_1h, reported_aqi, basis, is_flagged
from station_days
where station <> {{ county() }}
union all
select station, day, {{ pollutants | join(', ') }}, o3_1h, reported_aqi, basis, is_flagged
from county_days
