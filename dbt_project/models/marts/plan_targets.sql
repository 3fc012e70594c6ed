select
  targets.target_id,
  targets.plan,
  targets.section,
  targets.domain,
  targets.subject_zh,
  targets.comparator,
  targets.value as target_value,
  targets.value_high as target_value_high,
  targets.unit,
  targets.deadline,
  targets.as_indicator,
  progress.latest_year as measured_year,
  progress.latest_value as measured_value,
  statuses.status,
  statuses.status_zh,
  progress.indicator_id is not null as is_measurable,
  targets.reason_zh,
  progress.responsible_department_zh,
  targets.quote
from {{ ref('text_targets') }} as targets
left join {{ ref('indicator_progress') }} as progress on targets.target_id = progress.indicator_id
inner join {{ ref('statuses') }} as statuses
  on coalesce(progress.status, 'not_measured') = statuses.status
order by targets.target_id
