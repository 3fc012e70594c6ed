{% set statuses = {'compliant': '达标', 'exceeded': '超标', 'no_limit': '无限值', 'no_data': '无有效数据', 'stopped': '停产停用'} %}
{# Values of two units have no mean (finding reading_units_differ). #}
{% set series = 'dataset, network, kind, object, point, item' %}
with
calendar as (select * from {{ ref('int_reading_calendar') }}),

periods as (
  {% for period in ['day', 'month', 'year'] %}
  select
    {{ series }},
    '{{ period }}' as period,
    cast(date_trunc('{{ period }}', day) as date) as period_start,
    bool_and(is_continuous) as is_continuous,
    max(permit_number) as permit_number,
    max(township) as township,
    sum(readings) as readings,
    sum(valid_readings) as valid_readings,
    sum(valid_hours) as valid_hours,
    sum(expected_readings) as expected_readings,
    sum(stopped_readings) as stopped_readings,
    sum(offline_readings) as offline_readings,
    sum(value_sum) as value_sum,
    sum(values_given) as values_given,
    min(min_value) as min_value,
    max(max_value) as max_value,
    sum(amount) as amount,
    sum(uptime_days) as uptime_days,
    sum(
      case when uptime_days is not null then {{ days_between('day', months_after('day', '1')) }} end
    ) as days_of_uptime,
    max(unit) as unit,
    coalesce(min(unit) <> max(unit) or max(units) > 1, false) as has_several_units,
    sum(judged_readings) as judged_readings,
    sum(exceedances) as exceedances,
    min(case when limit_side = 'upper' then limit_value end) as upper_limit,
    max(case when limit_side = 'lower' then limit_value end) as lower_limit,
    max(case when exceedances > 0 then limit_side end) as exceeded_side,
    min(case when exceedances > 0 and limit_side = 'upper' then limit_value end) as exceeded_limit,
    min(case limit_basis when 'row' then 1 when 'permit' then 2 when 'threshold' then 3 else 4 end) as basis_rank,
    max(multiple) as multiple,
    {{ joined_values('methods') }} as methods,
    bool_or(is_flagged) as is_flagged
  from calendar
  {% if period == 'day' %}where time_type <> 'month'{% endif %}
  group by {{ series }}, cast(date_trunc('{{ period }}', day) as date)
  union all
  {% endfor %}
  {# Of the air's hours only how many came. #}
  select
    dataset,
    cast(null as string) as network,
    cast(null as string) as kind,
    object,
    cast(null as string) as point,
    item,
    period,
    period_start,
    true as is_continuous,
    cast(null as string) as permit_number,
    cast(null as string) as township,
    readings,
    valid_readings,
    valid_readings as valid_hours,
    expected_readings,
    0 as stopped_readings,
    0 as offline_readings,
    cast(null as double) as value_sum,
    0 as values_given,
    cast(null as double) as min_value,
    cast(null as double) as max_value,
    cast(null as double) as amount,
    cast(null as bigint) as uptime_days,
    cast(null as bigint) as days_of_uptime,
    cast(null as string) as unit,
    false as has_several_units,
    0 as judged_readings,
    0 as exceedances,
    cast(null as double) as upper_limit,
    cast(null as double) as lower_limit,
    cast(null as string) as exceeded_side,
    cast(null as double) as exceeded_limit,
    4 as basis_rank,
    -1e0 as multiple,
    cast(null as string) as methods,
    is_flagged
  from {{ ref('int_air_capture') }}
),

measured as (
  select
    periods.*,
    case when not has_several_units then value_sum / nullif(values_given, 0) end as mean_value,
    case
      when uptime_days is not null
        then 100e0 * uptime_days / days_of_uptime
      else 100e0 * valid_hours / nullif(expected_readings, 0)
    end as uptime_pct,
    coalesce(exceeded_side, case when upper_limit is not null then 'upper' when lower_limit is not null then 'lower' end)
      as limit_side,
    case
      when exceedances > 0 then 'exceeded'
      when readings > 0 and stopped_readings = readings and (not is_continuous or expected_readings = 0) then 'stopped'
      when valid_readings = 0 then 'no_data'
      when judged_readings = 0 then 'no_limit'
      else 'compliant'
    end as status
  from periods
)

select
  measured.dataset,
  measured.network,
  measured.kind,
  measured.object,
  measured.point,
  measured.item,
  measured.permit_number,
  measured.township,
  measured.period,
  measured.period_start,
  cast(measured.readings as bigint) as readings,
  cast(measured.valid_readings as bigint) as valid_readings,
  cast(measured.expected_readings as bigint) as expected_readings,
  cast(measured.offline_readings as bigint) as offline_readings,
  measured.uptime_pct,
  measured.mean_value,
  case when not measured.has_several_units then measured.min_value end as min_value,
  case when not measured.has_several_units then measured.max_value end as max_value,
  measured.amount,
  case when not measured.has_several_units then measured.unit end as unit,
  case
    when measured.limit_side = 'upper' then coalesce(measured.exceeded_limit, measured.upper_limit)
    else measured.lower_limit
  end as limit_value,
  measured.limit_side,
  case measured.basis_rank when 1 then 'row' when 2 then 'permit' when 3 then 'threshold' else 'none' end as limit_basis,
  cast(measured.exceedances as bigint) as exceedances,
  100e0 * measured.exceedances / nullif(measured.judged_readings, 0) as exceeded_pct,
  case when measured.exceedances > 0 and measured.multiple > -1e0 then measured.multiple end as largest_multiple,
  100e0 * (measured.judged_readings - measured.exceedances) / nullif(measured.judged_readings, 0) as compliant_pct,
  before.mean_value as previous_mean,
  measured.mean_value - before.mean_value as change,
  nullif(measured.methods, '') as methods,
  measured.status,
  {{ titled('measured.status', statuses) }} as status_zh,
  measured.is_flagged
from measured
left join measured as before
  on
    measured.dataset = before.dataset
    and measured.network is not distinct from before.network
    and measured.kind is not distinct from before.kind
    and measured.object is not distinct from before.object
    and measured.point is not distinct from before.point
    and measured.item is not distinct from before.item
    and measured.unit is not distinct from before.unit
    and measured.period = before.period
    and before.period_start = {{ months_after('measured.period_start', '-12') }}
order by measured.dataset, measured.object, measured.point, measured.item, measured.period, measured.period_start
