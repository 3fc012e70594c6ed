{% set formulas = {
  'co2_intensity': per_statistic(
    amount(
      'co2',
      computed={'co2': 'CO2'},
      fields={'pollutant_emissions': ['emission'], 'energy_consumption': ['standard_coal', 'co2_factor']}
    ),
    'gdp_2020_prices',
    note='; CO2 = pollutant_emissions 二氧化碳 if submitted for the year, else sum(standard_coal*co2_factor)'
  ),
  'energy_intensity': per_statistic(
    county_amount('energy_consumption', 'sum(standard_coal)', part='product'), 'gdp_2020_prices'
  ),
  'non_fossil_share': county_ratio(
    'energy_consumption', 'sum(standard_coal where not fossil)', 'sum(standard_coal)', part='product'
  ),
  'gas_coverage': area_ratio('clean_heating', 'sum(gas_households)', 'sum(households)', reported='reported_gas_rate'),
  'gas_coverage_county_seat': area_ratio(
    'clean_heating', 'gas_households', 'households', reported='reported_gas_rate', area='县城'
  ),
  'photovoltaic_capacity': amount(
    'photovoltaics',
    computed={'installed_capacity': 'largest installed_capacity in the year of 光伏 plants, summed over plants'},
    fields={'power_generation': ['installed_capacity']}
  ),
  'coalbed_methane_output': county_amount('coalbed_methane', 'sum(output)', by_month=true, unit='亿m³'),
  'coalbed_methane_used': county_amount('coalbed_methane', 'sum(used)', by_month=true, unit='亿m³'),
} %}

with
consumption as (
  {{ part_sums(ref('stg_energy_consumption'), ['year'], {'standard_coal': 'standard_coal'}, part='product') }}
),

{# Null where a fossil fuel has no emission factor: the sum would be incomplete. A product that is not
   fossil and has no factor emits 0. #}
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

submitted as (
  {{ part_sums(
    ref('stg_pollutant_emissions'),
    ['year'],
    {'co2': 'emission'},
    part='source',
    where="pollutant = '二氧化碳'"
  ) }}
),

{# CO2 as submitted for the year, else computed from the fuels burnt. #}
co2 as (
  select year, co2, is_flagged, computed_rows
  from submitted
  where co2 is not null
  union all
  select burnt.year, burnt.co2, consumption.is_flagged, burnt.computed_rows
  from burnt
  inner join consumption on burnt.year = consumption.year
  where burnt.year not in (select year from submitted where co2 is not null)
),

photovoltaic_plants as (
  select
    extract(year from month) as year,
    plant_name,
    max(installed_capacity) as installed_capacity,
    bool_or(flags is not null) as is_flagged,
    max_by(source_row, (installed_capacity, month)) filter (where installed_capacity is not null) as source_row
  from {{ ref('stg_power_generation') }}
  where generation_type = '光伏'
  group by extract(year from month), plant_name
),

photovoltaics as (
  select
    year,
    {{ converted('sum(installed_capacity)', 'power_generation', 'installed_capacity', 'MW') }} as installed_capacity,
    bool_or(is_flagged) as is_flagged,
    {{ rows_where() }} as computed_rows
  from photovoltaic_plants
  group by year
)

{{ quantity_rows(formulas) }}
