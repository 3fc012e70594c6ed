{% set statuses = {'received': '已接收', 'on_way': '在途', 'not_received': '逾期未接收', 'differs': '数量不符', 'internal': '厂内环节'} %}
{% set chain_statuses = {'closed': '已闭环', 'open': '未闭环', 'broken': '链条中断', 'differs': '数量不符'} %}
select
  legs.movement_id,
  legs.dataset,
  legs.chain_id,
  cast(legs.leg as bigint) as leg,
  cast(legs.legs as bigint) as legs,
  legs.material,
  legs.step,
  legs.from_place,
  legs.to_place,
  legs.carrier,
  legs.licence,
  legs.permit_number,
  legs.township,
  legs.sent_at,
  legs.received_at,
  legs.sent,
  legs.received,
  legs.difference_pct,
  cast(legs.days_on_way as bigint) as days_on_way,
  chains.origin,
  chains.final_place,
  chains.chain_generated,
  chains.chain_settled,
  legs.status,
  {{ titled('legs.status', statuses) }} as status_zh,
  chains.chain_status,
  {{ titled('chains.chain_status', chain_statuses) }} as chain_status_zh,
  legs.is_flagged
from {{ ref('int_movement_statuses') }} as legs
inner join {{ ref('int_movement_chain_states') }} as chains
  on legs.dataset = chains.dataset and legs.chain_id = chains.chain_id
order by legs.dataset, legs.chain_id, leg
