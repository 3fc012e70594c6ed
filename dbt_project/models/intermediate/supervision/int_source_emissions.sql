{# Tonnes that a permit emitted in a year, as reported and as read. #}
with
parts as (
  select
    upper(permit_number) as permit_number,
    year,
    pollutant,
    case
      when part_of_year = '全年' then 'year'
      when part_of_year like '%半年' then 'half'
      when part_of_year like '%季度' then 'quarter'
      else 'month'
    end as part,
    count(*) as parts,
    sum(actual_emission) as emission,
    bool_or(flags is not null) as is_flagged
  from {{ ref('stg_permit_reports') }}
  where actual_emission is not null
  group by all
),

declared as (
  select
    permit_number,
    year,
    pollutant,
    coalesce(
      max(case when part = 'year' then emission end),
      max(case when part = 'half' and parts = 2 then emission end),
      max(case when part = 'quarter' and parts = 4 then emission end),
      max(case when part = 'month' and parts = 12 then emission end),
      max(emission)
    ) as declared,
    bool_or(is_flagged) as is_flagged
  from parts
  group by permit_number, year, pollutant
),

monitored as (
  select
    permit_number,
    cast(extract(year from period_start) as bigint) as year,
    item as pollutant,
    sum(amount) / 1000e0 as monitored,
    count(distinct period_start) as months,
    bool_or(is_flagged) as is_flagged
  from {{ ref('reading_periods') }}
  where dataset = 'outlet_readings' and period = 'month' and amount is not null
  group by permit_number, cast(extract(year from period_start) as bigint), item
)

select
  coalesce(declared.permit_number, monitored.permit_number) as permit_number,
  coalesce(declared.year, monitored.year) as year,
  coalesce(declared.pollutant, monitored.pollutant) as pollutant,
  declared.declared,
  monitored.monitored,
  coalesce(monitored.months, 0) as months,
  coalesce(declared.is_flagged, false) or coalesce(monitored.is_flagged, false) as is_flagged
from declared
full outer join monitored
  on
    declared.permit_number = monitored.permit_number
    and declared.year = monitored.year
    and declared.pollutant = monitored.pollutant
