-- The targets of the plans' text.
select
  target_id, subject_zh, status_zh, measured_value, measured_year, comparator, target_value, target_value_high, unit, deadline,
  plan, section, responsible_department_zh, is_measurable, reason_zh, as_indicator, quote
from marts.plan_targets
order by
  case status
    when 'regressed' then 0 when 'behind' then 1 when 'on_track' then 2 when 'attained' then 3
    when 'target_not_assigned' then 4 else 5
  end,
  target_id
