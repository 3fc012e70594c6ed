with
statistics as (
  select
    year,
    {{ statistic_name('statistic') }} as statistic,
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
    -- Multiplied as a decimal, 39.4864 万人 are exactly 394864 人.
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
    {% for column, named in statistics().items() %}
    {% set is_named = "statistic = '" ~ named.name ~ "' and dimension = '" ~ named.dimension ~ "'" %}
    max(case when {{ is_named }} then value end) as {{ column }},
    {{ rows_where(is_named ~ ' and value is not null') }} as {{ column }}_rows,
    {% endfor %}
    bool_or(is_flagged) as is_flagged
  from converted
  where statistic in ('{{ statistics().values() | map(attribute='name') | join("', '") }}')
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
