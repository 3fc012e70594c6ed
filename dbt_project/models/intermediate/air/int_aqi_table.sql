{# Before the index concentrations are whole steps (air_steps): the index of each step is computed once, and
   that of a day is joined by equality. The outer rounding removes noise of doubles before rounding up. #}
{{ config(materialized="table") }}
with
breakpoints as (
  select
    *,
    dense_rank() over (order by valid_from) as edition,
    -- the field of the day that has this average
    case when pollutant = 'o3' and averaging = '8h' then 'o3_8h' else pollutant end as field,
    case when pollutant = 'co' then {{ air_steps_per_unit('co') }} else {{ air_steps_per_unit('pm25') }} end
      as steps_per_unit
  from {{ ref('aqi_breakpoints') }}
),

{# A step lies in the segment in which it is above the lower end; 0 lies in the first. #}
steps as (
  {{ whole_numbers(5000) }}
)

select
  breakpoints.standard,
  breakpoints.valid_from,
  breakpoints.valid_to,
  breakpoints.field,
  breakpoints.averaging,
  cast(steps.number as bigint) as steps,
  -- one whole number to look up by: equality of one number is what a join does fastest
  cast(breakpoints.edition * 10000 + steps.number as bigint) as lookup,
  cast(breakpoints.edition * 10000 as bigint) as lookup_base,
  cast(ceil(round(
    breakpoints.iaqi_low
    + (breakpoints.iaqi_high - breakpoints.iaqi_low)
    * (steps.number / cast(breakpoints.steps_per_unit as double) - breakpoints.concentration_low)
    / (breakpoints.concentration_high - breakpoints.concentration_low),
    6
  )) as bigint) as iaqi
from breakpoints
inner join steps
  on
    steps.number <= round(breakpoints.concentration_high * breakpoints.steps_per_unit)
    and (
      steps.number > round(breakpoints.concentration_low * breakpoints.steps_per_unit)
      or (steps.number = 0 and breakpoints.concentration_low = 0)
    )
