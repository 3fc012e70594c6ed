-- Stocks of the last two years with data; what does not balance or differs from the loads first.
select
  titles.dataset_zh, holder, material, period_start, status_zh, generated, used, disposed, sent_out, traced_sent, traced_received,
  traced_gap_pct, treated_pct, opening, received_in, dumped, closing, gap, gap_pct, is_compliant, permit_number, is_flagged
from marts.movement_balances
left join (
  select item_id, any_value(item_zh) as dataset_zh
  from marts.department_responsibilities
  where item_kind = 'dataset'
  group by item_id
) as titles on movement_balances.dataset = titles.item_id
where period_start > (select max(period_start) - interval 2 year from marts.movement_balances)
order by status = 'balanced', status, period_start desc, holder, material
