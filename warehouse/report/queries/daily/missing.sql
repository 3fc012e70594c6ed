-- Every submission that was overdue within these days or still is; the page picks those of its day.
select day, department_zh, object, period, expected_zh, observed_zh, is_serious, ended_on
from marts.alerts_daily
where kind = 'overdue' and is_alert and day <= getvariable('until')
  and (ended_on is null or ended_on > getvariable('since'))
order by day desc, department_zh, object, period
