{# Tonnes that a permit emitted in a year, as reported and as read. #}
with
{# What a part of the year tells is taken before what its own parts add up to. #}
parts as (
  select
    upper(permit_number) as permit_number,
    year,
    pollutant,
    case
      when part_of_year in ('一季度', '1月', '2月', '3月') then 1
      when part_of_year in ('二季度', '4月', '5月', '6月') then 2
      when part_of_year in ('三季度', '7月', '8月', '9月') then 3
      when part_of_year in ('四季度', '10月', '11月', '12月') then 4
      when part_of_year = '上半年' then 1
      when part_of_year = '下半年' then 3
    end as quarter,
    case
      when part_of_year = '全年' then 'year'
      when part_of_year like '%半年' then 'half'
      when part_of_year like '%季度' then 'quarter'
      else 'month'
    end as part,
    actual_emission,
    flags is not null as is_flagged
  from {{ ref('stg_permit_reports') }}
  where actual_emission is not null
),

quarters as (
  select
    permit_number,
    year,
    pollutant,
    case when quarter <= 2 then 1 else 2 end as half,
    max(case when part = 'year' then actual_emission end) as of_year,
    max(case when part = 'half' then actual_emission end) as of_half,
    coalesce(
      max(case when part = 'quarter' then actual_emission end), sum(case when part = 'month' then actual_emission end)
    ) as of_quarter,
    bool_or(is_flagged) as is_flagged
  from parts
  group by permit_number, year, pollutant, quarter
),

halves as (
  select
    permit_number,
    year,
    pollutant,
    max(of_year) as of_year,
    coalesce(max(of_half), sum(of_quarter)) as of_half,
    bool_or(is_flagged) as is_flagged
  from quarters
  group by permit_number, year, pollutant, half
),

declared as (
  select
    permit_number,
    year,
    pollutant,
    coalesce(max(of_year), sum(of_half)) as declared,
    bool_or(is_flagged) as is_flagged
  from halves
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
