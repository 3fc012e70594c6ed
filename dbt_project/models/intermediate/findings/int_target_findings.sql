{# Targets of one indicator and year: of several documents, and as the plans print them. #}
with
-- In both plans' tables, and in the running text.
plan_targets as (
  select
    mine.indicator_id,
    mine.target_2025,
    mine.target_2025_raw,
    other.indicator_id as other_id,
    other.target_2025 as other_target,
    other.target_2025_raw as other_raw
  from {{ ref('indicator_crosswalk') }} as pairs
  inner join {{ ref('indicators') }} as mine on pairs.a_id = mine.indicator_id
  inner join {{ ref('indicators') }} as other on pairs.b_id = other.indicator_id
  where pairs.relation = 'same'
  union all
  select
    mine.indicator_id,
    mine.target_2025,
    mine.target_2025_raw,
    texts.target_id as other_id,
    texts.value as other_target,
    texts.comparator || {{ printed('texts.value') }} as other_raw
  from {{ ref('text_targets') }} as texts
  inner join {{ ref('indicators') }} as mine on texts.as_indicator = mine.indicator_id
  where texts.deadline = '{{ var('target_year') }}' and texts.value is not null
)

-- The target in force against those of other documents.
select
  rules.rule,
  assigned.indicator_id || ' ' || cast(assigned.year as string) || ' ' || assigned.authority || ' '
    || assigned.document_no as subject,
  assigned.indicator_id as indicator_ids,
  'target_assignments' as dataset,
  cast(assigned.year as bigint) as year,
  {{ county() }} as area,
  assigned.submission_id,
  in_force.comparator || {{ printed('in_force.target_value') }} as expected,
  assigned.comparator || {{ printed('assigned.target_value') }} as observed,
  assigned.indicator_id || ' ' || cast(assigned.year as string) || '年目标：' || in_force.authority || '文件 '
    || in_force.document_no || ' 为 ' || in_force.comparator || {{ printed('in_force.target_value') }}
    || '（现行），' || assigned.authority || '文件 ' || assigned.document_no || ' 为 ' || assigned.comparator
    || {{ printed('assigned.target_value') }} || '。请核实以哪个文件为准。' as detail_zh
from {{ ref('stg_target_assignments') }} as assigned
inner join {{ ref('int_assigned_targets') }} as in_force
  on assigned.indicator_id = in_force.indicator_id and assigned.year = in_force.year
inner join {{ ref('rules') }} as rules on rules.rule = 'targets_differ'
where
  (assigned.document_no <> in_force.document_no or assigned.authority <> in_force.authority)
  and assigned.target_value is not null
  and {{ differ('assigned.target_value', 'in_force.target_value', 'rules.upper') }}
union all
select
  rules.rule,
  plan_targets.indicator_id || ' / ' || plan_targets.other_id as subject,
  plan_targets.indicator_id || '; ' || plan_targets.other_id as indicator_ids,
  cast(null as string) as dataset,
  cast({{ var('target_year') }} as bigint) as year,
  cast(null as string) as area,
  cast(null as string) as submission_id,
  plan_targets.target_2025_raw as expected,
  plan_targets.other_raw as observed,
  '规划印出的{{ var('target_year') }}年目标不一致：' || plan_targets.indicator_id || ' 印为 '
    || plan_targets.target_2025_raw || '，' || plan_targets.other_id || ' 印为 ' || plan_targets.other_raw
    || '。两者均保留，请核实以哪个为准。' as detail_zh
from plan_targets
inner join {{ ref('rules') }} as rules on rules.rule = 'plan_target_conflict'
where
  {{ differ('plan_targets.target_2025', 'plan_targets.other_target', 'rules.upper') }}
  or (plan_targets.target_2025 is null) <> (plan_targets.other_target is null)
