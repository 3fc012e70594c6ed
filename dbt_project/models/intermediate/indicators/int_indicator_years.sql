{{ config(materialized="table") }}
{% set first, last = var('baseline_year'), var('target_year') %}
with
county_values as (
  select * from {{ ref('int_indicator_values') }}
  where area = {{ county() }}
),

-- The plan's years, any other year with a value, and the year asked for.
years as (
  {% for year in range(first, last + 1) %}
  select cast({{ year }} as bigint) as year
  union
  {% endfor %}
  {% if var('year') %}
  select cast({{ var('year') }} as bigint) as year
  union
  {% endif %}
  select year from county_values
),

compared as (
  select
    indicators.indicator_id,
    years.year,
    indicators.direction,
    indicators.starting_value,
    county_values.value,
    county_values.basis,
    county_values.is_flagged,
    targets.target_value,
    targets.sense,
    coalesce(assigned.sense, targets.sense) as milestone_sense,
    case
      when assigned.indicator_id is not null then assigned.target_value
      when years.year >= {{ last }} then targets.target_value
      when targets.target_value is null then null
      when years.year <= {{ first }} then indicators.starting_value
      else
        indicators.starting_value
        + (targets.target_value - indicators.starting_value)
        * (years.year - {{ first }}) / cast({{ last - first }} as double)
    end as milestone_value
  from {{ ref('int_indicators') }} as indicators
  cross join years
  inner join {{ ref('int_indicator_targets') }} as targets
    on indicators.indicator_id = targets.indicator_id
  left join county_values
    on indicators.indicator_id = county_values.indicator_id and years.year = county_values.year
  left join {{ ref('int_assigned_targets') }} as assigned
    on indicators.indicator_id = assigned.indicator_id and years.year = assigned.year
),

judged as (
  select
    *,
    case
      when value is null then 'not_measured'
      when target_value is null then 'target_not_assigned'
      when {{ meets('value', 'target_value', 'sense') }} then 'attained'
      when {{ meets('value', 'milestone_value', 'milestone_sense') }} then 'on_track'
      when direction = 'higher_better' and not {{ at_least('value', 'starting_value') }} then 'regressed'
      when direction = 'lower_better' and not {{ at_most('value', 'starting_value') }} then 'regressed'
      else 'behind'
    end as status
  from compared
)

select
  judged.indicator_id,
  judged.year,
  judged.value,
  judged.basis,
  judged.is_flagged,
  judged.target_value,
  judged.milestone_value,
  judged.status,
  statuses.status_zh,
  case
    when {{ meets('judged.starting_value', 'judged.target_value', 'judged.sense') }}
      then case
        when judged.status = 'attained' then 100
        when judged.value is not null then 0
      end
    else
      100 * (judged.value - judged.starting_value) / (judged.target_value - judged.starting_value)
  end as progress_pct
from judged
inner join {{ ref('statuses') }} as statuses on judged.status = statuses.status
