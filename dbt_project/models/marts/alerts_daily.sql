select
  md5(facts.kind || '|' || facts.department || '|' || facts.object || '|' || facts.period) as alert_id,
  facts.day,
  facts.kind,
  facts.kind_zh,
  facts.domain,
  facts.dataset,
  facts.department,
  departments.name_zh as department_zh,
  facts.object,
  facts.period,
  facts.is_alert,
  facts.is_serious,
  facts.expected_zh,
  facts.observed_zh,
  facts.exceeded_items,
  facts.exceeded_zh,
  facts.largest_multiple,
  facts.magnitude,
  case
    when facts.is_alert
      then
        facts.object || '（' || facts.period || '）：' || facts.observed_zh || '；' || facts.expected_zh
        || coalesce('；超标项目：' || case when facts.kind <> 'overdue' then facts.exceeded_zh end, '') || '。'
  end as detail_zh,
  facts.ended_on,
  facts.is_alert and facts.has_end and facts.ended_on is null as is_open,
  facts.is_flagged
from {{ ref('int_alerts') }} as facts
left join {{ ref('contract_departments') }} as departments on facts.department = departments.department
order by facts.day, facts.kind, facts.department, facts.object, facts.period
