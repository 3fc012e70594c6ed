-- Caps and tasks of the last two years with data, those that are passed or not met first; units, indicators and
-- projects by their names.
select
  balances.kind_zh,
  coalesce(control_item || ' ' || coalesce(indicators.name_zh, projects.name_zh), control_item) as control_item,
  balances.year, month, object_level, coalesce(sources.unit_name, object) as object, available, used, balances.unit, use_pct,
  remaining, balances.status_zh, warning_level, balances.comparator, cap, trades_in, trades_out, in_place, used_declared,
  balances.township, balances.permit_number, document_no, balances.is_flagged
from marts.quota_balances as balances
left join marts.fixed_sources as sources on balances.permit_number = sources.permit_number and sources.is_current
left join marts.indicator_progress as indicators on balances.control_item = indicators.indicator_id
left join marts.key_projects as projects on balances.control_item = projects.project_id
where balances.year > (select max(year) - 2 from marts.quota_balances)
order by
  case balances.status
    when 'exceeded' then 0 when 'unmet' then 1 when 'no_quota' then 2 when 'near' then 3 when 'no_use' then 4 else 5
  end,
  balances.year desc, use_pct desc, balances.control_item, object_level, object, month desc
