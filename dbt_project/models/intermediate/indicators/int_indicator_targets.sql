with
planned as (
  select
    indicator_id,
    direction,
    starting_value,
    case target_rule
      when 'not_decrease' then starting_value
      when 'numeric' then target_2025
      when 'at_most' then target_2025
    end as target_value,
    case
      when target_rule = 'not_decrease' then '不降低'
      when target_rule = 'at_most' then '≤'
      when target_rule = 'numeric' and direction = 'lower_better' then '≤'
      when target_rule = 'numeric' then '≥'
    end as comparator,
    case when direction = 'lower_better' then 'at_most' else 'at_least' end as sense
  from {{ ref('int_indicators') }}
)

select
  planned.indicator_id,
  case when assigned.indicator_id is null then planned.target_value else assigned.target_value end
    as target_value,
  case when assigned.indicator_id is null then planned.comparator else assigned.comparator end
    as comparator,
  coalesce(assigned.sense, planned.sense) as sense,
  case
    when assigned.indicator_id is not null then 'assigned'
    when planned.comparator is not null then 'plan'
  end as source,
  assigned.authority,
  assigned.document_no,
  assigned.issued_on,
  assigned.submission_id,
  assigned.row_number
from planned
left join {{ ref('int_assigned_targets') }} as assigned
  on planned.indicator_id = assigned.indicator_id and assigned.year = {{ var('target_year') }}
