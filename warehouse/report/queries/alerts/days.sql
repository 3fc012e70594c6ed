-- Numbers of assessments and alerts of each of these days, by kind.
select
  day,
  kind,
  any_value(kind_zh) as kind_zh,
  count(*) as judged,
  count(*) filter (where is_alert) as alerts,
  count(*) filter (where is_serious) as serious
from marts.alerts_daily
where day <= getvariable('until') and day > getvariable('since')
group by day, kind
order by day, kind
