with
assignments as (
  select
    assignments.indicator_id,
    assignments.year,
    assignments.authority,
    assignments.document_no,
    assignments.comparator,
    assignments.issued_on,
    assignments.submission_id,
    assignments.row_number,
    authorities.precedence,
    -- 不降低 and 不增加 compare with the baseline; a number beside them serves where there is none.
    case
      when assignments.comparator in ('不降低', '不增加')
        then coalesce(indicators.starting_value, assignments.target_value)
      else assignments.target_value
    end as target_value,
    case
      when assignments.comparator in ('≥', '不降低') then 'at_least'
      when assignments.comparator in ('≤', '不增加') then 'at_most'
      when indicators.direction = 'lower_better' then 'at_most'
      else 'at_least'
    end as sense
  from {{ ref('stg_target_assignments') }} as assignments
  inner join {{ ref('int_indicators') }} as indicators
    on assignments.indicator_id = indicators.indicator_id
  inner join {{ ref('target_authorities') }} as authorities
    on assignments.authority = authorities.authority
),

-- An assignment that names no number and has no baseline to hold to sets no target.
ranked as (
  select
    *,
    row_number() over (
      partition by indicator_id, year
      order by precedence, issued_on desc, document_no desc
    ) as target_rank
  from assignments
  where target_value is not null
)

select
  indicator_id,
  year,
  target_value,
  comparator,
  sense,
  authority,
  document_no,
  issued_on,
  submission_id,
  row_number
from ranked
where target_rank = 1
