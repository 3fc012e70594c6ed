with
terms as (
  select
    terms.ledger,
    terms.problem,
    terms.counted_from,
    thresholds.value
  from {{ ref('ledger_terms') }} as terms
  inner join {{ ref('supervision_thresholds') }} as thresholds on terms.threshold_id = thresholds.threshold_id
  where thresholds.value is not null
)

select
  items.dataset,
  items.item_id,
  coalesce(
    items.delivered_deadline,
    case terms.counted_from
      when 'due_from' then {{ months_after('items.due_from', 'try_cast(terms.value as int)') }}
      when 'year_after' then try_cast(cast(items.period_year + 1 as string) || '-' || terms.value as date)
    end
  ) as deadline,
  case
    when items.delivered_deadline is not null then 'delivered'
    when terms.counted_from = 'due_from' and items.due_from is null then 'none'
    when terms.ledger is not null then 'rule'
    else 'none'
  end as deadline_basis
from {{ ref('int_ledger_rows') }} as items
left join terms
  on items.ledger = terms.ledger and (terms.problem is null or items.problem = terms.problem)
