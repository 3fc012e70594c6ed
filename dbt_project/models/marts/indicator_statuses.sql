select
  statuses.status,
  statuses.status_zh,
  statuses.position,
  statuses.colour,
  statuses.meaning_zh,
  count(progress.indicator_id) filter (where progress.kind = 'indicator') as indicators,
  count(progress.indicator_id) filter (where progress.kind = 'text_target') as text_targets
from {{ ref('statuses') }} as statuses
left join {{ ref('indicator_progress') }} as progress on statuses.status = progress.status
group by statuses.status, statuses.status_zh, statuses.position, statuses.colour, statuses.meaning_zh
order by statuses.position
