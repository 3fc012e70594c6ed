-- What was measured in this month and the one before: mean, limit, share of valid data.
select
  titles.dataset_zh, network, kind, coalesce(sources.unit_name, object) as object, point, item, period_start, status_zh,
  mean_value, unit, limit_value, max_value, exceedances, periods.uptime_pct, valid_readings, expected_readings,
  offline_readings, previous_mean, change, amount, periods.township, periods.permit_number, methods, periods.is_flagged
from marts.reading_periods as periods
left join marts.fixed_sources as sources on periods.permit_number = sources.permit_number and sources.is_current
left join (
  select item_id, any_value(item_zh) as dataset_zh
  from marts.department_responsibilities
  where item_kind = 'dataset'
  group by item_id
) as titles on periods.dataset = titles.item_id
where period = 'month' and period_start >= date_trunc('month', getvariable('until')) - interval 1 month
order by
  case status when 'exceeded' then 0 when 'no_data' then 1 when 'stopped' then 2 else 3 end,
  periods.uptime_pct nulls last, object, point, item, period_start desc
