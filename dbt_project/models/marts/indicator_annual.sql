select
  indicators.indicator_id,
  indicators.name_zh,
  indicators.kind,
  indicators.kind_zh,
  indicators.domain_zh,
  years.year,
  {{ first_of_year('years.year') }} as period_start,
  indicators.baseline_2020,
  indicators.starting_value,
  years.value,
  indicators.unit,
  years.basis,
  years.milestone_value,
  years.target_value as target_in_force,
  years.progress_pct,
  years.status,
  years.status_zh
from {{ ref('int_indicator_years') }} as years
inner join {{ ref('int_indicators') }} as indicators
  on years.indicator_id = indicators.indicator_id
where years.year >= {{ var('baseline_year') }} and years.year <= {{ var('target_year') }}
order by years.indicator_id, years.year
