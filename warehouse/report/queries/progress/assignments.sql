-- Unit responsible for an indicator by year; unassigned ones are counted on the page of the work plan.
select item_id, year, responsible_unit, task, assignment_zh
from marts.work_plan
where assignment <> 'unassigned'
order by item_id, year desc
