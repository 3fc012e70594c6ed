{% set names = {
  'gdp_current': ('地区生产总值', 'money'),
  'gdp_2020_prices': ('地区生产总值(2020年不变价)', 'money'),
  'resident_population': ('常住人口', 'population'),
  'urban_population': ('城镇人口', 'population'),
  'rural_population': ('农村人口', 'population'),
  'industrial_output': ('工业产值', 'money'),
} %}
with
statistics as (
  select
    year,
    replace(replace(replace(statistic, '（', '('), '）', ')'), ' ', '') as statistic,
    value,
    trim(unit) as unit,
    flags is not null as is_flagged,
    source_row
  from {{ ref('stg_socioeconomics') }}
),

converted as (
  select
    statistics.year,
    statistics.statistic,
    units.dimension,
    -- A printed figure is a decimal: multiplied as one, 39.4864 万人 are 394864 人 to the last digit.
    cast(
      cast(statistics.value as decimal(24, 10)) * cast(units.to_canonical_numerator as decimal(10, 0))
      as double
    ) / units.to_canonical_denominator as value,
    statistics.is_flagged,
    statistics.source_row
  from statistics
  inner join {{ ref('contract_units') }} as units on {{ names_unit('units', 'statistics.unit') }}
),

named as (
  select
    year,
    {% for column, (name, dimension) in names.items() %}
    max(case when statistic = '{{ name }}' and dimension = '{{ dimension }}' then value end) as {{ column }},
    {{ rows_where("statistic = '" ~ name ~ "' and dimension = '" ~ dimension ~ "' and value is not null") }} as {{ column }}_rows,
    {% endfor %}
    bool_or(is_flagged) as is_flagged
  from converted
  where statistic in ({% for name, dimension in names.values() %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
  group by year
)

select
  year,
  gdp_current,
  coalesce(
    gdp_2020_prices,
    case when year = {{ var('baseline_year') }} then gdp_current end
  ) as gdp_2020_prices,
  resident_population,
  urban_population,
  rural_population,
  industrial_output,
  is_flagged,
  gdp_current_rows,
  case
    when gdp_2020_prices is not null then gdp_2020_prices_rows
    when year = {{ var('baseline_year') }} then gdp_current_rows
  end as gdp_2020_prices_rows,
  resident_population_rows,
  urban_population_rows,
  rural_population_rows,
  industrial_output_rows
from named
