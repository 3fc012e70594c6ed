{# Days of each series, with the days without a reading that were expected: of continuous readings those within
   30 days after a day with readings, up to yesterday. #}
with
build as ({{ county_now() }}),

days as (
  select
    dataset,
    domain,
    time_type,
    is_continuous,
    is_judged_elsewhere,
    network,
    kind,
    object,
    point,
    item,
    day,
    max(unit) as unit,
    count(distinct unit) as units,
    max(permit_number) as permit_number,
    max(township) as township,
    bool_and(is_daily_mean) as is_daily_mean,
    sum(readings) as readings,
    sum(valid_readings) as valid_readings,
    sum(stopped_readings) as stopped_readings,
    sum(valid_hours) as valid_hours,
    sum(stopped_hours) as stopped_hours,
    sum(offline_readings) as offline_readings,
    sum(value_sum) as value_sum,
    sum(values_given) as values_given,
    min(min_value) as min_value,
    max(max_value) as max_value,
    sum(amount) as amount,
    max(uptime_days) as uptime_days,
    sum(judged_by_row) as judged_by_row,
    sum(judged_by_statement) as judged_by_statement,
    sum(exceeded_by_row + exceeded_by_statement) as exceeded_by_rows,
    sum(case when other_limit is not null then {{ count_above('unjudged_values', '-1e300') }} else 0 end) as judged_by_other,
    sum(case when other_limit is not null then {{ count_above('unjudged_values', 'other_limit') }} else 0 end) as exceeded_by_other,
    min(upper_limit) as upper_limit,
    max(lower_limit) as lower_limit,
    max(multiple_by_row) as multiple_by_row,
    min(lowest_below) as lowest_below,
    min(other_limit) as other_limit,
    max(other_limit_basis) as other_limit_basis,
    {{ joined_values("nullif(exceeded_items, '')") }} as exceeded_items,
    {{ joined_values("nullif(methods, '')") }} as methods,
    bool_or(is_flagged) as is_flagged
  from {{ ref('int_reading_days') }}
  group by dataset, domain, time_type, is_continuous, is_judged_elsewhere, network, kind, object, point, item, day
),

followed as (
  select
    days.*,
    lead(day) over (partition by dataset, network, kind, object, point, item order by day) as next_day
  from days
),

silent as (
  select
    followed.dataset,
    followed.domain,
    followed.time_type,
    followed.is_continuous,
    followed.is_judged_elsewhere,
    followed.network,
    followed.kind,
    followed.object,
    followed.point,
    followed.item,
    {{ days_after('followed.day', 'numbers.number + 1') }} as day,
    followed.unit,
    followed.permit_number,
    followed.township,
    followed.is_daily_mean
  from followed
  cross join build
  inner join ({{ whole_numbers(29) }}) as numbers
    on {{ days_after('followed.day', 'numbers.number + 1') }} < coalesce(followed.next_day, build.today)
  where followed.is_continuous
)

select
  dataset,
  domain,
  time_type,
  is_continuous,
  is_judged_elsewhere,
  network,
  kind,
  object,
  point,
  item,
  day,
  unit,
  units,
  permit_number,
  township,
  readings,
  valid_readings,
  valid_hours,
  case
    when is_continuous and is_daily_mean then case when stopped_hours > 0 then 0 else 1 end
    when is_continuous then greatest(24 - stopped_hours, 0)
  end as expected_readings,
  stopped_readings,
  offline_readings,
  value_sum,
  values_given,
  min_value,
  max_value,
  amount,
  uptime_days,
  judged_by_row + judged_by_statement + judged_by_other as judged_readings,
  exceeded_by_rows + exceeded_by_other as exceedances,
  case
    when exceeded_by_rows > 0 and lowest_below is not null then lower_limit
    else coalesce(upper_limit, case when lower_limit is null then other_limit end, lower_limit)
  end as limit_value,
  case
    when exceeded_by_rows > 0 and lowest_below is not null then 'lower'
    when upper_limit is not null or other_limit is not null then 'upper'
    when lower_limit is not null then 'lower'
  end as limit_side,
  case
    when judged_by_row > 0 then 'row'
    when judged_by_other > 0 then other_limit_basis
    else 'none'
  end as limit_basis,
  lower_limit,
  lowest_below,
  greatest(
    coalesce(multiple_by_row, -1e0),
    coalesce(case when exceeded_by_other > 0 then max_value / nullif(other_limit, 0) - 1 end, -1e0)
  ) as multiple,
  nullif(exceeded_items, '') as exceeded_items,
  nullif(methods, '') as methods,
  is_flagged
from followed
union all
select
  dataset,
  domain,
  time_type,
  is_continuous,
  is_judged_elsewhere,
  network,
  kind,
  object,
  point,
  item,
  day,
  unit,
  1 as units,
  permit_number,
  township,
  0 as readings,
  0 as valid_readings,
  0 as valid_hours,
  case when is_daily_mean then 1 else 24 end as expected_readings,
  0 as stopped_readings,
  0 as offline_readings,
  cast(null as double) as value_sum,
  0 as values_given,
  cast(null as double) as min_value,
  cast(null as double) as max_value,
  cast(null as double) as amount,
  cast(null as bigint) as uptime_days,
  0 as judged_readings,
  0 as exceedances,
  cast(null as double) as limit_value,
  cast(null as string) as limit_side,
  'none' as limit_basis,
  cast(null as double) as lower_limit,
  cast(null as double) as lowest_below,
  -1e0 as multiple,
  cast(null as string) as exceeded_items,
  cast(null as string) as methods,
  false as is_flagged
from silent
