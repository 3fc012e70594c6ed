-- One row per indicator as the counties' plans name it, and year: the counties' values and status of that year.
with
standing as (
  select
    annual.*,
    progress.direction,
    annual.status not in ('not_measured', 'target_not_assigned') as is_judged,
    case
      when progress.direction = 'lower_better'
        then max(annual.value) over (
          partition by annual.indicator_id, annual.name_zh, annual.unit, progress.direction, annual.year
        )
      else min(annual.value) over (
        partition by annual.indicator_id, annual.name_zh, annual.unit, progress.direction, annual.year
      )
    end as worst_value
  from marts.indicator_annual as annual
  inner join marts.indicator_progress as progress
    on annual.county_code = progress.county_code and annual.indicator_id = progress.indicator_id
)

select
  standing.indicator_id,
  standing.name_zh,
  standing.unit,
  standing.direction,
  standing.year,
  count(*) as counties,
  count(standing.value) as counties_measured,
  case when max(summed_units.unit) is not null then sum(standing.value) end as value_sum,
  avg(standing.value) as value_mean,
  max(standing.worst_value) as value_worst,
  count(case when standing.value = standing.worst_value then 1 end) as counties_worst,
  case
    when count(case when standing.value = standing.worst_value then 1 end) = 1
      then min(case when standing.value = standing.worst_value then standing.county_code end)
  end as worst_county_code,
  count(case when standing.is_judged then 1 end) as counties_judged,
  count(case when standing.status = 'attained' then 1 end) as counties_attained,
  100e0 * count(case when standing.status = 'attained' then 1 end)
  / nullif(count(case when standing.is_judged then 1 end), 0) as attained_share
from standing
left join summed_units on standing.unit = summed_units.unit
group by standing.indicator_id, standing.name_zh, standing.unit, standing.direction, standing.year
order by standing.indicator_id, standing.name_zh, standing.unit, standing.year
