-- Days beyond a limit and what was done about them: by state of the case.
select
  case_status_zh,
  count(*) as "超标数",
  count(*) filter (where is_serious) as "严重",
  count(distinct coalesce(permit_number, object)) as "对象数",
  max(days_without_case) as "最长未立案天数"
from marts.exceedances
where day > getvariable('since')
group by case_status_zh
order by 2 desc, 1
