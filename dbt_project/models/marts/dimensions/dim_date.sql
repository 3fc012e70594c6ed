{# From the year before the first one of the data (an hour that ends at midnight belongs to the day before) to
   the year after the last one, the plan's years and today. #}
with
years as (
  select least({{ var('baseline_year') }}, min(period_year)) - 1 as first_year, max(period_year) as last_year
  from {{ source('intake', 'lake_years') }}
),

bounds as (
  select
    coalesce(years.first_year, {{ var('baseline_year') }} - 1) as first_year,
    greatest({{ var('target_year') }}, extract(year from build.today), coalesce(years.last_year, 0)) + 1 as last_year
  from {{ source('intake', 'build') }} as build
  cross join years
),

-- The years that contracts allow: 1949 to 2100.
days as (
  select {{ days_after("date '1949-01-01'", 'number') }} as day
  from (
    {{ whole_numbers(55516) }}
  ) as numbers
),

listed as (
  select
    days.day,
    cast(extract(year from days.day) as bigint) as year,
    cast(date_trunc('week', days.day) as date) as week_start,
    cast(date_trunc('month', days.day) as date) as month
  from days
  cross join bounds
  where extract(year from days.day) >= bounds.first_year and extract(year from days.day) <= bounds.last_year
)

select
  day,
  week_start,
  {{ week_name('week_start') }} as iso_week,
  cast(1 + {{ days_between('week_start', 'day') }} as bigint) as weekday,
  case {{ days_between('week_start', 'day') }}
    when 0 then '星期一' when 1 then '星期二' when 2 then '星期三' when 3 then '星期四'
    when 4 then '星期五' when 5 then '星期六' else '星期日'
  end as weekday_zh,
  month,
  {{ month_name('day') }} as month_name,
  cast(extract(quarter from day) as bigint) as quarter,
  year
from listed
order by day
