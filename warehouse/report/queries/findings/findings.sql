-- The open findings, the most severe first.
select
  finding_id, severity_zh, rule_zh, subject_zh, indicator_ids, detail_zh, year, area, findings.department_zh, state_zh,
  first_seen, expected, observed, explanation, explained_on, titles.dataset_zh
from marts.findings
left join (
  select item_id, any_value(item_zh) as dataset_zh
  from marts.department_responsibilities
  where item_kind = 'dataset'
  group by item_id
) as titles on findings.dataset = titles.item_id
where state <> 'mended'
order by case severity when 'critical' then 0 when 'verify' then 1 else 2 end, rule, subject_zh
