{# Each pair of indicators that the crosswalk calls the same, in both directions. #}
with
pairs as (
  select a_id as indicator_id, b_id as other_id from {{ ref('indicator_crosswalk') }}
  where relation = 'same'
  union all
  select b_id as indicator_id, a_id as other_id from {{ ref('indicator_crosswalk') }}
  where relation = 'same'
)

select
  pairs.indicator_id,
  pairs.other_id,
  mine.baseline_2020,
  mine.baseline_2020_raw,
  other.baseline_2020 as other_baseline_2020,
  other.baseline_2020_raw as other_baseline_2020_raw
from pairs
inner join {{ ref('indicators') }} as mine on pairs.indicator_id = mine.indicator_id
inner join {{ ref('indicators') }} as other on pairs.other_id = other.indicator_id
where {{ differ('mine.baseline_2020', 'other.baseline_2020') }}
