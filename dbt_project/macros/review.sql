{# The query of a review mart: value, target, milestone and status of each indicator in one year. #}
{% macro review_mart(year) -%}
{%- set first, last = var('baseline_year'), var('target_year') -%}
with
reviewed as (
  select years.*
  from {{ ref('int_indicator_years') }} as years
  where years.year = {{ year }}
),

compared as (
  select
    reviewed.*,
    indicators.plan,
    indicators.category,
    indicators.seq,
    indicators.domain,
    indicators.domain_zh,
    indicators.name_zh,
    indicators.unit,
    indicators.nature,
    indicators.baseline_2020_raw,
    indicators.starting_value,
    indicators.responsible_department,
    indicators.responsible_department_zh,
    targets.comparator,
    targets.sense,
    targets.source,
    previous.value as previous_value,
    previous.status_zh as previous_status_zh,
    case when reviewed.year < {{ last }} then {{ last }} - reviewed.year end as years_left,
    -- The mean yearly change since the baseline, continued to the target year.
    case
      when reviewed.year >= {{ last }} then reviewed.value
      when reviewed.year > {{ first }} then
        indicators.starting_value
        + (reviewed.value - indicators.starting_value) * {{ last - first }}
        / cast(reviewed.year - {{ first }} as double)
    end as projected_2025
  from reviewed
  inner join {{ ref('int_indicators') }} as indicators
    on reviewed.indicator_id = indicators.indicator_id
  inner join {{ ref('int_indicator_targets') }} as targets
    on reviewed.indicator_id = targets.indicator_id
  left join {{ ref('int_indicator_years') }} as previous
    on reviewed.indicator_id = previous.indicator_id and reviewed.year = previous.year + 1
)

select
  indicator_id,
  plan,
  category,
  seq,
  domain,
  domain_zh,
  name_zh,
  unit,
  nature,
  year as review_year,
  {{ first_of_year('year') }} as period_start,
  baseline_2020_raw,
  starting_value,
  target_value as target_in_force,
  comparator as target_comparator,
  source as target_source,
  value,
  basis,
  is_flagged,
  previous_value,
  {{ difference_of('value', 'previous_value') }} as change,
  milestone_value,
  {{ difference_of('value', 'milestone_value') }} as milestone_gap,
  progress_pct,
  status,
  status_zh,
  previous_status_zh,
  status = 'attained' as is_attained,
  case when status not in ('attained', 'not_measured') then (target_value - value) / years_left end
    as needed_per_year,
  projected_2025,
  case
    when target_value is null or projected_2025 is null then null
    else {{ meets('projected_2025', 'target_value', 'sense') }}
  end as is_projected_to_attain,
  responsible_department,
  responsible_department_zh
from compared
order by indicator_id
{%- endmacro %}


{# The year of the yearly review: that of --year, else the last year of the plan that is over on the
   build's day. #}
{% macro reviewed_year() -%}
  {%- if var('year') -%}
  {{ var('year') }}
  {%- else -%}
  (
    select greatest({{ var('baseline_year') + 1 }}, least({{ var('target_year') }},
      coalesce(extract(year from max(today)) - 1, {{ var('target_year') }})))
    from {{ source('intake', 'build') }}
  )
  {%- endif -%}
{%- endmacro %}
