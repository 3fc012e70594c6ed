-- Unit and person responsible for an indicator by year; unassigned ones are counted in work_plan.
select item_id, year, responsible_unit, responsible_person, task, assignment_zh
from marts.work_plan
where assignment <> 'unassigned'
order by item_id, year desc
