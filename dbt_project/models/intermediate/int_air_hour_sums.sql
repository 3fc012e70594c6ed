{# Fifty million hours are summed in one pass. Only where an hour was delivered more than once, or
   withdrawn, the latest version of each row has to be found, and that day is summed again. #}
{{ config(materialized='kept_by_year', kept_from='air_quality_hourly') }}
with
delivered as (
  {{ air_day_sums(source('lake', 'air_quality_hourly'), withdrawn="operation <> 'upsert'") }}
),

days as (
  select
    station,
    day_number,
    count(*) as parts,
    bool_or(has_withdrawals) or bit_count(bit_or(hour_bits)) <> sum(hours) as is_corrected
  from delivered
  group by station, day_number
),

latest as (
  {{ latest_rows(
    'air_quality_hourly',
    where='(delivered.station, ' ~ whole_quotient(hour_number('delivered.observed_at'), 24) ~ ')'
      ~ ' in (select (station, day_number) from days where is_corrected)'
  ) }}
)

select
  delivered.*,
  days.parts > 1 as is_part
from delivered
inner join days on delivered.station = days.station and delivered.day_number = days.day_number
where not days.is_corrected
union all
select
  corrected.*,
  true as is_part
from (
  {{ air_day_sums('latest', of_hour='max') }}
) as corrected
