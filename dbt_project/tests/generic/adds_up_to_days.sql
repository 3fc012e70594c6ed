{# Kinds and objects of which a mart by week or month counts other than the days of alerts_daily. #}
{% test adds_up_to_days(model) %}
select
  coalesce(summed.kind, days.kind) as kind,
  coalesce(summed.object, days.object) as object,
  summed.judged,
  days.judged as judged_of_days,
  summed.alerts,
  days.alerts as alerts_of_days
from (
  select kind, department, object, sum(judged) as judged, sum(alerts) as alerts, sum(serious_alerts) as serious
  from {{ model }}
  group by kind, department, object
) as summed
full outer join (
  select
    kind,
    department,
    object,
    count(*) as judged,
    count(*) filter (where is_alert) as alerts,
    count(*) filter (where is_serious) as serious
  from {{ ref('alerts_daily') }}
  group by kind, department, object
) as days
  on summed.kind = days.kind and summed.department = days.department and summed.object = days.object
where
  coalesce(summed.judged, -1) <> coalesce(days.judged, -1)
  or coalesce(summed.alerts, -1) <> coalesce(days.alerts, -1)
  or coalesce(summed.serious, -1) <> coalesce(days.serious, -1)
{% endtest %}
