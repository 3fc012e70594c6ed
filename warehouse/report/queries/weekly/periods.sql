select
  week as label, period_start, period_end, kind, kind_zh, object, department_zh, judged, alerts, serious_alerts,
  open_alerts, exceeded_items, largest_multiple, worst_zh, worst_on, week_before_judged, week_before_alerts
from marts.alerts_weekly
where period_start <= getvariable('until') and period_start > getvariable('since')
order by period_start desc, kind, alerts desc, serious_alerts desc, object
