select
  {% for column in model.columns if column not in ('is_held', 'held_at', 'held_reason', 'rows_waiting') %}
  submissions.{{ column }},
  {% endfor %}
  holds.submission_id is not null as is_held,
  holds.held_at,
  holds.reason as held_reason,
  coalesce(holds.rows_waiting, 0) as rows_waiting
from {{ source('intake', 'submissions') }} as submissions
left join {{ source('intake', 'holds') }} as holds on submissions.submission_id = holds.submission_id
order by submissions.received_at
