select
  left(cast(month as varchar), 7) as label, period_start, period_end, kind, kind_zh, object, department_zh, judged, alerts, serious_alerts,
  open_alerts, exceeded_items, largest_multiple, worst_zh, worst_on, month_before_judged, month_before_alerts, year_before_judged, year_before_alerts
from marts.alerts_monthly
where period_start <= getvariable('until') and period_start > getvariable('since')
order by period_start desc, kind, alerts desc, serious_alerts desc, object
