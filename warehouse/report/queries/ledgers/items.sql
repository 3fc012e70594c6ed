-- What is not settled yet, the longest overdue first; then what was closed within a year.
select
  ledger, object, problem, responsible_unit, status_zh, deadline, days_overdue, days_open, township, severity, source,
  opened_at, answered_at, is_answered_late, completed_on, closed_on, evidence, approved_on, release_id, permit_number, zone_code,
  value, is_compliant, details_zh, is_flagged, item_id, ledger || '·' || item_id as "编号"
from marts.ledger_items
where status is not null and (closed_on is null or closed_on > getvariable('since'))
order by
  case status when 'overdue' then 0 when 'not_listed' then 1 when 'due_soon' then 2 when 'done_not_closed' then 3 when 'open' then 4 when 'no_deadline' then 5 else 6 end,
  days_overdue desc, deadline, ledger, item_id
