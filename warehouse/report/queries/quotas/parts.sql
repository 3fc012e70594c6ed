-- Wholes and their parts: whether what was given to townships, bureaus, sectors and units adds up.
select
  kind_zh, control_item, year, object_level, object, cap, unit, parts, parts_sum, parts_gap, parts_status_zh, document_no
from marts.quota_balances
where parts_status is not null and year > (select max(year) - 2 from marts.quota_balances)
order by
  case parts_status when 'parts_exceed' then 0 when 'parts_short' then 1 when 'not_broken_down' then 2 else 3 end,
  year desc, control_item, object
