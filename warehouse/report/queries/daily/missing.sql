-- Submissions that were overdue on one of these days or still are; the page filters those of its day.
select day, department_zh, object, period, expected_zh, observed_zh, is_serious, ended_on
from marts.alerts_daily
where kind = 'overdue' and is_alert and day <= getvariable('until')
  and (ended_on is null or ended_on > getvariable('since'))
order by day desc, department_zh, object, period
