{# The daily values that the days of a year were made from, and the hours; of each submission all rows
   between two lines. #}
with
days as (
  select
    cast(extract(year from day) as bigint) as year,
    submission_id,
    min(row_number) as first_row,
    max(row_number) as last_row,
    count(*) as row_count
  from {{ ref('stg_air_quality_daily') }}
  group by 1, 2
),

hours as (
  select
    cast(extract(year from {{ date_of_day_number('day_number') }}) as bigint) as year,
    submission_id,
    min(first_row) as first_row,
    max(last_row) as last_row,
    cast(sum(hours) as bigint) as row_count
  from {{ ref('int_air_hour_sums') }}
  group by 1, 2
)

select
  year,
  {{ row_key('air_quality_daily', 'submission_id', 'first_row', 'last_row', 'row_count') }} as source_row
from days
union all
select
  year,
  {{ row_key('air_quality_hourly', 'submission_id', 'first_row', 'last_row', 'row_count') }} as source_row
from hours
