{# What is missing on receipt does not leave a chain open: within the tolerance it is settled, beyond it the chain
   differs. #}
with
numbers as ({{ supervision_numbers(['balance_gap']) }}),

legs as (select * from {{ ref('int_movement_statuses') }}),

starts_nowhere as (
  select later.dataset, later.chain_id
  from legs as later
  left join legs as earlier
    on
      later.dataset = earlier.dataset
      and later.chain_id = earlier.chain_id
      and earlier.leg < later.leg
      and {{ folded('later.from_place') }} = {{ folded('earlier.to_place') }}
  where later.leg > 1 and earlier.movement_id is null
  group by later.dataset, later.chain_id
),

chains as (
  select
    dataset,
    chain_id,
    max(case when leg = 1 then from_place end) as origin,
    max(case when leg = legs then to_place end) as final_place,
    coalesce(
      sum(case when step = '产生' then sent end), max(case when leg = 1 then sent end)
    ) as chain_generated,
    coalesce(sum(case when is_final and is_internal then sent when is_final and is_confirmed then coalesce(received, sent) end), 0e0)
      as chain_settled,
    coalesce(sum(case when status in ('received', 'differs') then sent - coalesce(received, sent) end), 0e0) as lost,
    bool_or(status in ('on_way', 'not_received')) as has_unconfirmed,
    bool_or(status = 'differs') as has_difference
  from legs
  group by dataset, chain_id
)

select
  chains.dataset,
  chains.chain_id,
  chains.origin,
  chains.final_place,
  chains.chain_generated,
  chains.chain_settled,
  case
    when starts_nowhere.chain_id is not null then 'broken'
    when chains.has_unconfirmed then 'open'
    when
      chains.chain_generated - chains.chain_settled - chains.lost
      > chains.chain_generated * numbers.balance_gap / 100e0 + 1e-9
      then 'open'
    when chains.has_difference then 'differs'
    else 'closed'
  end as chain_status
from chains
cross join numbers
left join starts_nowhere
  on chains.dataset = starts_nowhere.dataset and chains.chain_id = starts_nowhere.chain_id
