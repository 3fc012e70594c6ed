-- Who must be visited or was; who never was or was missed first.
select
  visit_kind, object, object_kind, status_zh, last_visited_on, due_on, days_since, required_visits, visits, period_start, period_end,
  township, responsible_unit, mobile_visits, problems, settled_problems, penalties, penalty_amount, undisclosed_penalties, size,
  permit_number, is_flagged
from marts.visit_coverage
order by
  case status when 'never' then 0 when 'missed' then 1 when 'due_soon' then 2 when 'covered' then 3 else 4 end,
  due_on, visit_kind, object
