{% set asked = var('year') %}
with
-- The year that is judged: the one asked for, else the latest with a value within the plan.
judged_years as (
  select
    indicator_id,
    max(year) as year
  from {{ ref('int_indicator_years') }}
  where
    value is not null
    and {% if asked %}year = {{ asked }}{% else %}year <= {{ var('target_year') }}{% endif %}

  group by indicator_id
),

judged as (
  select years.*
  from {{ ref('int_indicator_years') }} as years
  inner join judged_years
    on years.indicator_id = judged_years.indicator_id and years.year = judged_years.year
)

select
  indicators.indicator_id,
  indicators.kind,
  indicators.kind_zh,
  indicators.plan,
  indicators.category,
  indicators.seq,
  indicators.domain,
  indicators.domain_zh,
  indicators.name_zh,
  indicators.unit,
  indicators.nature,
  indicators.direction,
  indicators.baseline_2020,
  indicators.baseline_2020_raw,
  indicators.starting_value,
  case
    when conflicts.other_id is not null
      then conflicts.other_id || ' 印为 ' || conflicts.other_baseline_2020_raw
  end as baseline_conflict_zh,
  indicators.target_2025,
  indicators.target_2025_raw,
  targets.target_value as target_in_force,
  targets.comparator as target_comparator,
  targets.source as target_source,
  targets.authority as target_authority,
  targets.document_no as target_document_no,
  targets.issued_on as target_issued_on,
  targets.submission_id as target_submission_id,
  targets.row_number as target_row_number,
  judged.year as latest_year,
  judged.value as latest_value,
  judged.basis as latest_basis,
  judged.is_flagged,
  judged.milestone_value,
  judged.progress_pct,
  statuses.status,
  statuses.status_zh,
  indicators.responsible_department,
  indicators.responsible_department_zh
from {{ ref('int_indicators') }} as indicators
inner join {{ ref('int_indicator_targets') }} as targets
  on indicators.indicator_id = targets.indicator_id
left join {{ ref('int_baseline_conflicts') }} as conflicts
  on indicators.indicator_id = conflicts.indicator_id
left join judged on indicators.indicator_id = judged.indicator_id
inner join {{ ref('statuses') }} as statuses
  on coalesce(judged.status, 'not_measured') = statuses.status
order by indicators.indicator_id
