-- The alerts of the days that the page covers, newest first; older ones are in the mart.
select day, kind, kind_zh, object, period, observed_zh, expected_zh, exceeded_zh, department_zh, ended_on, is_serious, is_flagged
from marts.alerts_daily
where is_alert and day <= getvariable('until') and day > getvariable('since')
order by day desc, kind, is_serious desc, magnitude desc, object, period
