-- Wholes and their parts: whether what was given to townships, bureaus, sectors and units adds up.
select
  balances.kind_zh,
  coalesce(control_item || ' ' || coalesce(indicators.name_zh, projects.name_zh), control_item) as control_item,
  balances.year, object_level, object, cap, balances.unit, parts, parts_sum, parts_gap, parts_status_zh, document_no
from marts.quota_balances as balances
left join marts.indicator_progress as indicators on balances.control_item = indicators.indicator_id
left join marts.key_projects as projects on balances.control_item = projects.project_id
where parts_status is not null and balances.year > (select max(year) - 2 from marts.quota_balances)
order by
  case parts_status when 'parts_exceed' then 0 when 'parts_short' then 1 when 'not_broken_down' then 2 else 3 end,
  balances.year desc, balances.control_item, object
