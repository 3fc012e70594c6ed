-- The items of the plans in the yearly work plan.
select year, item_kind_zh, item_id, item_zh, assignment_zh, responsible_unit, default_unit, task
from marts.work_plan
order by year desc, case assignment when 'unassigned' then 0 when 'no_person' then 1 else 2 end, item_kind, item_id
