{% set statuses = {
  'balanced': '平衡', 'gap': '不平衡', 'not_traced': '申报无联单', 'not_declared': '有联单无申报', 'differs': '申报与联单不符',
} %}
with
numbers as ({{ supervision_numbers(['balance_gap', 'manifest_difference']) }}),

declared as (
  select
    declared.*,
    traced.traced_sent,
    traced.traced_received,
    traced.traced_generated,
    traced.traced_treated,
    coalesce(declared.opening, 0e0) + coalesce(declared.generated, 0e0) + coalesce(declared.received_in, 0e0) as came_in,
    coalesce(declared.used, 0e0) + coalesce(declared.disposed, 0e0) as treated,
    coalesce(declared.dumped, 0e0) + coalesce(declared.sent_out, 0e0) as went_out
  from {{ ref('int_declared_balances') }} as declared
  left join {{ ref('int_traced_movements') }} as traced
    on
      declared.dataset = traced.dataset
      and declared.holder = traced.holder
      and declared.material = traced.material
      and declared.period_start = traced.period_start
),

measured as (
  select
    declared.*,
    case
      when has_stocks and opening is not null and closing is not null
        then came_in - treated - went_out - closing
    end as gap,
    case
      when traced_generated is not null then 100e0 * (traced_generated - generated) / nullif(generated, 0)
      else 100e0 * (traced_sent - coalesce(sent_out, generated)) / nullif(coalesce(sent_out, generated), 0)
    end as traced_gap_pct,
    case
      when traced_generated is not null then 100e0 * (coalesce(traced_treated, 0e0) - treated) / nullif(treated, 0)
      when declares_sent_out and traced_sent is not null
        then 100e0 * (coalesce(traced_received, 0e0) - sent_out) / nullif(sent_out, 0)
    end as arrived_gap_pct,
    100e0
    * (treated + case when declares_sent_out then coalesce(traced_received, 0e0) else 0e0 end)
    / nullif(came_in - coalesce(closing, 0e0), 0) as treated_pct
  from declared
),

judged as (
  select
    measured.*,
    100e0 * gap / nullif(came_in, 0) as gap_pct,
    case
      when abs(gap) > came_in * numbers.balance_gap / 100e0 + 1e-9 then 'gap'
      when declares_sent_out and sent_out > 0 and traced_sent is null then 'not_traced'
      when
        traced_by is not null
        and greatest(abs(coalesce(traced_gap_pct, 0e0)), abs(coalesce(arrived_gap_pct, 0e0))) > numbers.manifest_difference + 1e-9
        then 'differs'
      when declares_sent_out and coalesce(sent_out, 0e0) = 0 and traced_sent > 0 then 'differs'
      when gap is not null or traced_sent is not null then 'balanced'
    end as status
  from measured
  cross join numbers
),

all_rows as (
  select
    dataset,
    holder,
    material,
    period_start,
    permit_number,
    opening,
    generated,
    received_in,
    used,
    disposed,
    dumped,
    sent_out,
    closing,
    gap,
    gap_pct,
    traced_sent,
    traced_received,
    traced_gap_pct,
    treated_pct,
    status,
    is_compliant,
    is_flagged
  from judged
  union all
  select
    'hazardous_waste_declarations' as dataset,
    holder,
    material,
    period_start,
    upper(permit_number) as permit_number,
    cast(null as double) as opening,
    cast(null as double) as generated,
    cast(null as double) as received_in,
    cast(null as double) as used,
    cast(null as double) as disposed,
    cast(null as double) as dumped,
    cast(null as double) as sent_out,
    cast(null as double) as closing,
    cast(null as double) as gap,
    cast(null as double) as gap_pct,
    traced_sent,
    traced_received,
    cast(null as double) as traced_gap_pct,
    cast(null as double) as treated_pct,
    'not_declared' as status,
    cast(null as boolean) as is_compliant,
    is_flagged
  from {{ ref('int_undeclared_movements') }}
)

select
  dataset,
  holder,
  material,
  period_start,
  permit_number,
  opening,
  generated,
  received_in,
  used,
  disposed,
  dumped,
  sent_out,
  closing,
  gap,
  gap_pct,
  traced_sent,
  traced_received,
  traced_gap_pct,
  treated_pct,
  status,
  {{ titled('status', statuses) }} as status_zh,
  is_compliant,
  is_flagged
from all_rows
order by dataset, holder, material, period_start
