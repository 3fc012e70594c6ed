-- Caps and tasks of the last two years with data, those that are passed or not met first.
select
  kind_zh, control_item, year, month, object_level, object, available, used, unit, use_pct, remaining, status_zh, warning_level,
  comparator, cap, trades_in, trades_out, in_place, used_declared, township, permit_number, document_no, is_flagged
from marts.quota_balances
where year > (select max(year) - 2 from marts.quota_balances)
order by
  case status when 'exceeded' then 0 when 'unmet' then 1 when 'no_quota' then 2 when 'near' then 3 when 'no_use' then 4 else 5 end,
  year desc, use_pct desc, control_item, object_level, object, month desc
