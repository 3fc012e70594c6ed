{# Statistics are compared by their names: the seed statistic_relations lists which belong together, and
   a change on the year before is named after the statistic that changes. #}
with
named as (
  select
    year,
    {{ statistic_name('statistic') }} as statistic,
    value,
    trim(unit) as unit,
    submission_id
  from {{ ref('stg_socioeconomics') }}
),

-- In the canonical unit of its dimension; a unit that the contracts do not know is kept.
statistics as (
  select
    named.year,
    named.statistic,
    named.submission_id,
    named.value as printed_value,
    coalesce(units.canonical_unit, named.unit) as unit,
    cast(
      named.value * coalesce(units.to_canonical_numerator, 1)
      / coalesce(units.to_canonical_denominator, 1) as double
    ) as value,
    -- One unit in the last digit that was delivered: 0.01 for 64.19.
    power(10, - length(split_part({{ plain_text('named.value') }}, '.', 2)))
      * case when named.value = floor(named.value) then 10 else 1 end as last_digit
  from named
  left join {{ ref('contract_units') }} as units on {{ names_unit('units', 'named.unit') }}
),

parts as (
  select
    wholes.year,
    relations.relation,
    relations.whole,
    relations.part,
    wholes.submission_id,
    wholes.unit,
    wholes.value as whole_value,
    parts.value as part_value,
    relations.share,
    shares.value as share_value,
    shares.last_digit as share_digit
  from {{ ref('statistic_relations') }} as relations
  inner join statistics as wholes on relations.whole = wholes.statistic
  left join statistics as parts
    on relations.part = parts.statistic and wholes.year = parts.year and wholes.unit = parts.unit
  left join statistics as shares on relations.share = shares.statistic and wholes.year = shares.year
),

-- A whole can be checked only where every part was delivered.
wholes as (
  select
    year,
    relation,
    whole,
    max(submission_id) as submission_id,
    max(whole_value) as whole_value,
    sum(part_value) as parts_value,
    min(part_value) as lowest,
    max(part_value) as highest,
    count(*) = count(part_value) as has_parts,
    sum(share_value) as shares_value,
    sum(share_digit) as shares_digit,
    count(*) = count(share_value) as has_shares,
    {{ joined_values('part') }} as parts_zh
  from parts
  group by year, relation, whole
),

changes as (
  select
    rates.year,
    replace(rates.statistic, '比上年增长', '') as statistic,
    rates.submission_id,
    rates.value as rate,
    levels.value as value,
    differences.value as difference,
    coalesce(levels.value - differences.value, earlier.value) as earlier_value
  from statistics as rates
  inner join statistics as levels
    on replace(rates.statistic, '比上年增长', '') = levels.statistic and rates.year = levels.year
  left join statistics as differences
    on
      levels.statistic || '比上年增加' = differences.statistic
      and levels.year = differences.year
      and levels.unit = differences.unit
  left join statistics as earlier
    on
      levels.statistic = earlier.statistic
      and levels.year = earlier.year + 1
      and levels.unit = earlier.unit
  where
    rates.statistic like '%比上年增长'
    -- Value added grows at constant prices, the levels are at current ones.
    {% for word in var('constant_price_words') %}
    and rates.statistic not like '%{{ word }}%'
    {% endfor %}
)

select
  'statistic_sum_differs' as rule,
  year,
  whole as item,
  submission_id,
  parts_value as expected,
  whole_value as observed,
  abs(whole_value) / 100 as step,
  '各分项（' || parts_zh || '）之和' as expected_zh,
  '合计' as observed_zh
from wholes
where relation = 'sum' and has_parts
union all
select
  'shares_not_whole' as rule,
  year,
  whole as item,
  submission_id,
  100 as expected,
  shares_value as observed,
  shares_digit as step,
  '整体' as expected_zh,
  '各分项（' || parts_zh || '）占比之和' as observed_zh
from wholes
where relation = 'sum' and has_shares
union all
select
  'statistic_share_differs' as rule,
  year,
  share as item,
  submission_id,
  100 * part_value / whole_value as expected,
  share_value as observed,
  share_digit as step,
  '由' || part || '除以' || whole || '计算' as expected_zh,
  '占比报送' as observed_zh
from parts
where relation in ('sum', 'part') and whole_value > 0
  and part_value is not null and share_value is not null
union all
select
  'mean_outside_parts' as rule,
  year,
  whole as item,
  submission_id,
  case when whole_value < lowest then lowest else highest end as expected,
  whole_value as observed,
  1 as step,
  '各部分（' || parts_zh || '）中最接近的' as expected_zh,
  '总体' as observed_zh
from wholes
where relation = 'mean' and has_parts and (whole_value < lowest or whole_value > highest)
union all
select
  'statistic_change_differs' as rule,
  year,
  statistic || '比上年增长' as item,
  submission_id,
  100 * (value - earlier_value) / earlier_value as expected,
  rate as observed,
  1 as step,
  case when difference is null then '由上年数值计算' else '由增减量计算' end as expected_zh,
  '增长率报送' as observed_zh
from changes
where earlier_value > 0
