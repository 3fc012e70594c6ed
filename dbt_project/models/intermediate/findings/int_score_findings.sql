{# Scores: full marks that do not add up to 100 where the scheme does so elsewhere, evidence that the warehouse does
   not have. #}
with
numbers as ({{ supervision_numbers(['score_evidence_gap']) }}),

totals as (
  select
    dataset,
    scheme,
    year,
    subject,
    subject_kind,
    sum(full_marks) as full_marks,
    max(source_row) as source_row
  from {{ ref('int_scores') }}
  where full_marks is not null and not is_wave
  group by dataset, scheme, year, subject, subject_kind
),

of_hundred as (
  select scheme, year, subject_kind
  from totals
  group by scheme, year, subject_kind
  having count(case when round(full_marks - 100, 9) = 0 then 1 end) > 0
),

cases as (
  select
    'score_total' as rule,
    totals.dataset,
    concat_ws(' ', totals.scheme, cast(totals.year as string), totals.subject) as subject,
    totals.year,
    cast(null as string) as area,
    totals.source_row,
    '各项满分合计 100 分' as expected,
    '合计 ' || {{ plain_number('totals.full_marks', 4) }} || ' 分' as observed
  from totals
  inner join of_hundred
    on
      totals.scheme = of_hundred.scheme
      and totals.year = of_hundred.year
      and totals.subject_kind is not distinct from of_hundred.subject_kind
  where round(totals.full_marks - 100, 9) <> 0
  union all
  select
    'score_evidence_differs' as rule,
    'assessment_scores' as dataset,
    concat_ws(' ', scores.scheme, cast(scores.year as string), scores.subject, scores.item) as subject,
    scores.year,
    cast(null as string) as area,
    cast(null as string) as source_row,
    scores.indicator_id || ' 为 ' || {{ plain_number('scores.warehouse_value', 4) }} as expected,
    '依据数值 ' || {{ plain_number('scores.value', 4) }} as observed
  from {{ ref('scores') }} as scores
  cross join numbers
  where {{ differ('scores.value', 'scores.warehouse_value', 'numbers.score_evidence_gap * abs(scores.warehouse_value) / 100') }}
)

{{ findings_of_cases('cases') }}
