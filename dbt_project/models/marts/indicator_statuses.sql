select
  statuses.status,
  statuses.status_zh,
  statuses.position,
  count(progress.indicator_id) filter (where progress.nature is not null) as indicators,
  count(progress.indicator_id) filter (where progress.nature is null) as text_targets
from {{ ref('statuses') }} as statuses
left join {{ ref('indicator_progress') }} as progress on statuses.status = progress.status
group by statuses.status, statuses.status_zh, statuses.position
order by statuses.position
