-- One row per indicator (of the plans' tables and texts) as the counties' plans name it: where the counties stand.
-- Sums only of amounts: `summed_units` are units that add up.
with
standing as (
  select
    *,
    status not in ('not_measured', 'target_not_assigned') as is_judged,
    case
      when direction = 'lower_better' then max(latest_value) over (partition by indicator_id, name_zh, unit, direction)
      else min(latest_value) over (partition by indicator_id, name_zh, unit, direction)
    end as worst_value
  from marts.indicator_progress
)

select
  standing.indicator_id,
  standing.kind,
  standing.kind_zh,
  standing.name_zh,
  standing.unit,
  standing.direction,
  count(*) as counties,
  count(standing.latest_value) as counties_measured,
  min(standing.latest_year) as first_year,
  max(standing.latest_year) as last_year,
  case when max(summed_units.unit) is not null then sum(standing.latest_value) end as value_sum,
  avg(standing.latest_value) as value_mean,
  max(standing.worst_value) as value_worst,
  count(case when standing.latest_value = standing.worst_value then 1 end) as counties_worst,
  case
    when count(case when standing.latest_value = standing.worst_value then 1 end) = 1
      then min(case when standing.latest_value = standing.worst_value then standing.county_code end)
  end as worst_county_code,
  count(case when standing.is_judged then 1 end) as counties_judged,
  count(case when standing.status = 'attained' then 1 end) as counties_attained,
  count(case when standing.status in ('behind', 'regressed') then 1 end) as counties_behind,
  100e0 * count(case when standing.status = 'attained' then 1 end)
  / nullif(count(case when standing.is_judged then 1 end), 0) as attained_share
from standing
left join summed_units on standing.unit = summed_units.unit
group by
  standing.indicator_id, standing.kind, standing.kind_zh, standing.name_zh, standing.unit, standing.direction
order by standing.indicator_id, standing.name_zh, standing.unit
