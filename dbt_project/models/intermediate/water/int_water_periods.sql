with
samples as (
  select * from {{ ref('int_water_determinands') }}
),

months as (
  select
    section_name,
    cast(date_trunc('month', sampled_at) as timestamp) as period_start,
    determinand,
    avg(value) as value,
    bool_or(is_flagged) as is_flagged
  from samples
  group by section_name, cast(date_trunc('month', sampled_at) as timestamp), determinand
),

years as (
  select
    section_name,
    cast(date_trunc('year', period_start) as timestamp) as period_start,
    determinand,
    avg(value) as value,
    bool_or(is_flagged) as is_flagged
  from months
  group by section_name, cast(date_trunc('year', period_start) as timestamp), determinand
)

select 'sample' as period, section_name, sampled_at as period_start, determinand, value, is_flagged
from samples
union all
select 'month' as period, section_name, period_start, determinand, value, is_flagged
from months
union all
select 'year' as period, section_name, period_start, determinand, value, is_flagged
from years
