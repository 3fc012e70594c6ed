-- Loads that were not received or differ, whenever they left, and all of the last twelve months.
select
  titles.dataset_zh, material, from_place, to_place, sent_at, sent, received_at, received, difference_pct, days_on_way, status_zh,
  chain_status_zh, carrier, licence, origin, final_place, step, leg, legs, chain_id, chain_generated, chain_settled, township,
  permit_number, is_flagged, movement_id,
  concat_ws('·', titles.dataset_zh, movement_id) as "编号"
from marts.movement_chains
left join (
  select item_id, any_value(item_zh) as dataset_zh
  from marts.department_responsibilities
  where item_kind = 'dataset'
  group by item_id
) as titles on movement_chains.dataset = titles.item_id
where status in ('not_received', 'differs') or chain_status = 'broken' or sent_at > getvariable('since')
order by
  case status when 'not_received' then 0 when 'differs' then 1 else 2 end, chain_status <> 'broken', sent_at desc, movement_id
