{# How far a column of a submission lies from the other submissions of its series, and the unit that
   would explain it best. A series counts where the others gave at least two values that lie within a
   factor of three of each other. #}
with
against_others as (
  select
    own.dataset,
    own.field,
    own.title_zh,
    own.unit,
    own.submission_id,
    own.item,
    own.year,
    own.first_key,
    own.usual,
    median(earlier.usual) as usual_of_others
  from {{ ref('int_unit_levels') }} as own
  inner join {{ ref('int_unit_levels') }} as earlier
    on
      own.dataset = earlier.dataset
      and own.field = earlier.field
      and own.item = earlier.item
      and own.submission_id <> earlier.submission_id
  where own.usual > 0 and earlier.usual > 0
  group by
    own.dataset, own.field, own.title_zh, own.unit, own.submission_id, own.item, own.year,
    own.first_key, own.usual
  having sum(earlier.value_count) >= 2 and max(earlier.highest) <= 3 * min(earlier.lowest)
),

of_columns as (
  select
    dataset,
    field,
    title_zh,
    unit,
    submission_id,
    min(year) as year,
    min(first_key) as first_key,
    count(*) as series_count,
    median(usual) as usual,
    median(usual_of_others) as usual_of_others,
    median(usual / usual_of_others) as factor
  from against_others
  group by dataset, field, title_zh, unit, submission_id
),

explained as (
  select
    of_columns.*,
    other.unit as likely_unit,
    of_columns.factor * other.to_canonical_numerator * own.to_canonical_denominator
    / (cast(other.to_canonical_denominator as double) * own.to_canonical_numerator) as factor_left
  from of_columns
  inner join {{ ref('contract_units') }} as own on of_columns.unit = own.unit
  inner join {{ ref('contract_units') }} as other
    on own.dimension = other.dimension and own.unit <> other.unit
),

ranked as (
  select
    explained.*,
    row_number() over (
      partition by explained.dataset, explained.field, explained.submission_id
      order by round(abs(ln(explained.factor_left)), 6), length(explained.likely_unit), explained.likely_unit
    ) as likely_rank
  from explained
)

select
  dataset,
  field,
  title_zh,
  unit,
  submission_id,
  year,
  first_key,
  series_count,
  usual,
  usual_of_others,
  greatest(factor, 1 / factor) as times_apart,
  likely_unit,
  greatest(factor_left, 1 / factor_left) as times_left
from ranked
where likely_rank = 1
