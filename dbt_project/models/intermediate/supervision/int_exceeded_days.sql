{# Days beyond a limit; a sampling that names the items beyond theirs is one row each. #}
with
exceeded as (
  select *
  from {{ ref('int_reading_calendar') }}
  where exceedances > 0 and not is_judged_elsewhere
),

named as (
  select
    exceeded.dataset,
    exceeded.domain,
    exceeded.network,
    exceeded.object,
    exceeded.point,
    exceeded.permit_number,
    exceeded.township,
    exceeded.day,
    exceeded.is_flagged,
    {{ each_of(split_text('exceeded.exceeded_items', ';、,，')) }} as item
  from exceeded
  where exceeded.exceeded_items is not null
)

select
  dataset,
  domain,
  network,
  object,
  point,
  item,
  permit_number,
  township,
  case when time_type = 'month' then last_day(day) else day end as day,
  exceedances as hours_exceeded,
  case when limit_side = 'lower' then lowest_below else max_value end as max_value,
  case when limit_side = 'lower' then lower_limit else limit_value end as limit_value,
  unit,
  case when limit_side = 'upper' and multiple > -1e0 then multiple end as largest_multiple,
  is_flagged
from exceeded
where exceeded_items is null
union all
select
  dataset,
  domain,
  network,
  object,
  point,
  trim(item) as item,
  permit_number,
  township,
  day,
  1 as hours_exceeded,
  cast(null as double) as max_value,
  cast(null as double) as limit_value,
  cast(null as string) as unit,
  cast(null as double) as largest_multiple,
  is_flagged
from named
where trim(item) <> ''
