-- The entries of the search: page and item that are opened, and the words that are searched. Each page
-- whose items are to be found adds its part.
select
  'indicators' as page,
  case when nature is null then '规划正文目标' else '规划指标' end as kind_zh,
  indicator_id as item,
  name_zh as title,
  concat_ws('，', status_zh, responsible_department_zh) as detail,
  concat_ws(' ', category, domain_zh, nature, status_zh, responsible_department_zh, unit) as words
from marts.indicator_progress
union all
select
  'targets', '规划正文', target_id, subject_zh, concat_ws('，', section, deadline),
  concat_ws(' ', quote, responsible_department_zh, reason_zh)
from marts.plan_targets
union all
select
  'projects', '重点工程', project_id, name_zh, concat_ws('，', lateness_zh, project_unit),
  concat_ws(' ', description_zh, project_unit, township, category, issues)
from marts.key_projects
where is_counted
union all
select
  'forecasts', '规划预测', forecast_id, subject_zh, agreement_zh, concat_ws(' ', section, discrepancy)
from marts.plan_forecasts
union all
select
  'findings', '数据问题', finding_id, rule_zh || '：' || subject_zh, severity_zh,
  concat_ws(' ', detail_zh, department_zh, area, explanation)
from marts.findings
where state <> 'mended'
