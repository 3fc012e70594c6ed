{% set formulas = {
  'gdp': statistic('gdp_current', '亿元', words='GDP at current prices'),
  'resident_population': statistic('resident_population', '万人'),
  'urban_population': statistic('urban_population', '万人'),
  'rural_population': statistic('rural_population', '万人'),
  'urbanisation_rate': ratio(
    'urbanisation',
    {'urban_population': statistics().urban_population.name},
    {'resident_population': statistics().resident_population.name},
    fields={'socioeconomics': ['value', 'unit']}
  ),
  'industrial_output': statistic('industrial_output', '亿元'),
} %}

with
urbanisation as (
  select
    year,
    urban_population,
    resident_population,
    is_flagged,
    {{ joined_arrays(['urban_population_rows', 'resident_population_rows']) }} as computed_rows
  from {{ ref('int_statistics') }}
)

{{ quantity_rows(formulas) }}
