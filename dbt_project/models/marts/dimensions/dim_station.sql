with
seen as (
  select station, min(day) as first_day, max(day) as last_day, count(*) as days
  from {{ ref('air_quality_daily') }}
  group by station
),

stations as (
  select station from seen
  union
  select station from {{ ref('air_quality_annual') }}
)

select
  stations.station,
  stations.station = {{ county() }} as is_county,
  seen.first_day,
  seen.last_day,
  coalesce(seen.days, 0) as days
from stations
left join seen on stations.station = seen.station
order by stations.station
