{# What the warehouse had when a score was first published stays beside it: later corrections of the indicator do
   not change what it was scored by. #}
with
scores as (
  select
    scores.*,
    case when is_wave then scored_on end as wave_on,
    given.dimension,
    cast(given.to_canonical_numerator as double) / given.to_canonical_denominator as factor,
    lag(score) over (partition by scheme, subject, item order by year, scored_on) as score_before,
    lag(year) over (partition by scheme, subject, item order by year, scored_on) as year_before
  from {{ ref('int_scores') }} as scores
  left join {{ ref('contract_units') }} as given on {{ names_unit('given', 'scores.unit') }}
),

{# Of a survey or audit each wave by itself; items of an assessment may be scored on several days. #}
totals as (
  select
    scheme,
    year,
    wave_on,
    subject,
    subject_kind,
    sum(score) as subject_total
  from scores
  group by scheme, year, wave_on, subject, subject_kind
),

ranks as (
  select
    totals.*,
    cast(
      rank() over (partition by scheme, year, wave_on, subject_kind order by round(subject_total, 9) desc) as bigint
    ) as subject_rank
  from totals
),

{# The warehouse's figures in the unit in which the evidence was given. #}
indicators as (
  select
    figures.indicator_id,
    figures.year,
    figures.area,
    figures.value,
    own.dimension,
    cast(own.to_canonical_numerator as double) / own.to_canonical_denominator as factor
  from {{ ref('indicator_values') }} as figures
  inner join {{ ref('int_indicators') }} as named on figures.indicator_id = named.indicator_id
  left join {{ ref('contract_units') }} as own on named.unit = own.unit
),

compared as (
  select
    scores.*,
    ranks.subject_total,
    ranks.subject_rank,
    case when scores.is_wave or scores.year_before = scores.year - 1 then scores.score_before end as previous_score,
    coalesce(
      seen.warehouse_value,
      of_subject.value * case when of_subject.dimension = scores.dimension then of_subject.factor / scores.factor else 1e0 end,
      of_county.value * case when of_county.dimension = scores.dimension then of_county.factor / scores.factor else 1e0 end
    ) as warehouse_value
  from scores
  cross join ({{ county_now() }}) as build
  inner join ranks
    on
      scores.scheme = ranks.scheme
      and scores.year = ranks.year
      and scores.wave_on is not distinct from ranks.wave_on
      and scores.subject = ranks.subject
      and scores.subject_kind is not distinct from ranks.subject_kind
  left join {{ source('last_publication', 'scores') }} as seen
    on
      scores.scheme = seen.scheme
      and scores.year = seen.year
      and scores.scored_on is not distinct from seen.scored_on
      and scores.subject = seen.subject
      and scores.item = seen.item
      and scores.indicator_id = seen.indicator_id
      and (seen.scored_on is null or seen.scored_on < build.today)
  left join indicators as of_subject
    on scores.indicator_id = of_subject.indicator_id and scores.year = of_subject.year and scores.subject = of_subject.area
  left join indicators as of_county
    on scores.indicator_id = of_county.indicator_id and scores.year = of_county.year and of_county.area = {{ county() }}
)

select
  scheme,
  year,
  {{ first_of_year('year') }} as period_start,
  scored_on,
  subject,
  subject_kind,
  item,
  score,
  full_marks,
  100e0 * score / nullif(full_marks, 0) as score_pct,
  subject_total,
  cast(subject_rank as bigint) as subject_rank,
  previous_score,
  score - previous_score as change,
  100e0 * (score - previous_score) / nullif(previous_score, 0) as change_pct,
  value,
  unit,
  indicator_id,
  warehouse_value,
  value - warehouse_value as evidence_gap,
  weight,
  result,
  consequence,
  document_no,
  is_flagged
from compared
order by scheme, year, scored_on, subject, item
