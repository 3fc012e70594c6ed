select
  counties.county_code,
  count(case when progress.kind = 'indicator' then 1 end) as indicators,
  count(case when progress.kind = 'indicator' and progress.status not in ('not_measured', 'target_not_assigned') then 1 end)
    as judged,
  count(case when progress.kind = 'indicator' and progress.status = 'attained' then 1 end) as attained,
  count(case when progress.kind = 'indicator' and progress.status = 'behind' then 1 end) as behind,
  count(case when progress.kind = 'indicator' and progress.status = 'regressed' then 1 end) as regressed
from region.counties as counties
left join marts.indicator_progress as progress on counties.county_code = progress.county_code
group by counties.county_code
order by counties.county_code
