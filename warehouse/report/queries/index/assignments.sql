-- Who was named for an indicator, year by year; what nobody was named for is counted beside it.
select item_id, year, responsible_unit, responsible_person, task, assignment_zh
from marts.work_plan
where assignment <> 'unassigned'
order by item_id, year desc
