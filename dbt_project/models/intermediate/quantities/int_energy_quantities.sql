with
consumption as (
  {{ part_sums(
    ref('stg_energy_consumption'),
    ['year'],
    {'standard_coal': 'standard_coal', 'non_fossil': 'case when fossil then 0 else standard_coal end'},
    part='product'
  ) }}
),

{# A fuel without an emission factor leaves the sum incomplete: then there is none. What is not
   fossil and has no factor emits nothing. #}
burnt as (
  select
    year,
    case
      when count(*) = count(co2) then sum(co2)
    end as co2,
    {{ rows_where('co2 is not null') }} as computed_rows
  from (
    select
      year,
      source_row,
      coalesce(standard_coal * co2_factor, case when not fossil then 0 end) as co2
    from {{ ref('stg_energy_consumption') }}
    where not {{ is_total('product') }}
  ) as products
  group by year
),

emitted as (
  {{ part_sums(
    ref('stg_pollutant_emissions'),
    ['year'],
    {'emission': 'emission'},
    part='source',
    where="pollutant = '二氧化碳'"
  ) }}
),

{# CO2 as submitted for the year, else as burnt. #}
co2 as (
  select year, emission as co2, is_flagged, computed_rows
  from emitted
  where emission is not null
  union all
  select burnt.year, burnt.co2, consumption.is_flagged, burnt.computed_rows
  from burnt
  inner join consumption on burnt.year = consumption.year
  where burnt.year not in (select year from emitted where emission is not null)
),

co2_per_gdp as (
  select
    co2.year,
    co2.co2,
    statistics.gdp_2020_prices as gdp,
    co2.is_flagged or statistics.is_flagged as is_flagged,
    {{ joined_arrays(['co2.computed_rows', 'statistics.gdp_2020_prices_rows']) }} as computed_rows
  from co2
  inner join {{ ref('int_statistics') }} as statistics on co2.year = statistics.year
),

coal_per_gdp as (
  select
    consumption.year,
    consumption.standard_coal,
    statistics.gdp_2020_prices as gdp,
    consumption.is_flagged or statistics.is_flagged as is_flagged,
    {{ joined_arrays(['consumption.computed_rows', 'statistics.gdp_2020_prices_rows']) }} as computed_rows
  from consumption
  inner join {{ ref('int_statistics') }} as statistics on consumption.year = statistics.year
)

{{ ratio('co2_intensity', 'co2_per_gdp', 'co2', 'gdp', scale=1, area=county()) }}
union all
{{ ratio('energy_intensity', 'coal_per_gdp', 'standard_coal', 'gdp', scale=1, area=county()) }}
union all
{{ ratio('non_fossil_share', 'consumption', 'non_fossil', 'standard_coal', area=county()) }}
