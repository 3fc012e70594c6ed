-- Days beyond a limit of the last twelve months, those without a case first.
select
  day, coalesce(unit_name, object) as unit_name, point, item, max_value, limit_value, unit, largest_multiple, hours_exceeded,
  is_serious, case_status_zh, days_without_case, checked_on, township, network, titles.dataset_zh, permit_number, case_item_id,
  is_flagged, alert_id
from marts.exceedances
left join (
  select item_id, any_value(item_zh) as dataset_zh
  from marts.department_responsibilities
  where item_kind = 'dataset'
  group by item_id
) as titles on exceedances.dataset = titles.item_id
where day > getvariable('since')
order by case_item_id is not null, day desc, is_serious desc, unit_name, point, item
