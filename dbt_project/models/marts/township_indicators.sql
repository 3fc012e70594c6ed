{# What is summed is the part: the numerator of a ratio (with its denominator as base), or the amount
   itself. What the county has and no township, is a row of its own, so that the parts always add up.
   The county seat lies in a township and is no part. #}
with
amounts as (
  select
    amounts.indicator_id,
    amounts.year,
    amounts.area,
    areas.kind,
    amounts.value,
    amounts.basis,
    case when amounts.unit in ('%', '‰') then amounts.numerator else amounts.value end as part_value,
    amounts.denominator as base_value,
    amounts.is_flagged
  from {{ ref('int_indicator_values') }} as amounts
  inner join {{ ref('int_indicators') }} as indicators on amounts.indicator_id = indicators.indicator_id
  inner join {{ ref('contract_areas') }} as areas on amounts.area = areas.area
  where indicators.areas = 'county+township' and areas.kind in ('county', 'township')
),

totals as (
  select
    indicator_id,
    year,
    max(value) filter (where kind = 'county') as county_value,
    max(part_value) filter (where kind = 'county') as county_part,
    max(base_value) filter (where kind = 'county') as county_base,
    sum(part_value) filter (where kind = 'township') as township_part,
    sum(base_value) filter (where kind = 'township') as township_base
  from amounts
  group by indicator_id, year
  having count(*) filter (where kind = 'township') > 0
),

remainders as (
  select
    *,
    {{ difference_of('county_part', 'coalesce(township_part, 0)') }} as part_left,
    {{ difference_of('county_base', 'coalesce(township_base, 0)') }} as base_left
  from totals
),

rows_of_areas as (
  select
    indicator_id, year, area, true as is_township, value, basis, part_value, base_value, is_flagged
  from amounts
  where kind = 'township'
  union all
  select
    indicator_id,
    year,
    '{{ var('unassigned_area') }}' as area,
    false as is_township,
    cast(null as double) as value,
    cast(null as string) as basis,
    part_left as part_value,
    base_left as base_value,
    false as is_flagged
  from remainders
  where
    {{ beyond_noise('part_left', 'county_part') }}
    or coalesce({{ beyond_noise('base_left', 'county_base') }}, false)
)

select
  parts.indicator_id,
  indicators.name_zh,
  indicators.domain,
  indicators.domain_zh,
  indicators.unit,
  indicators.direction,
  parts.year,
  {{ first_of_year('parts.year') }} as period_start,
  parts.area,
  parts.is_township,
  parts.value,
  parts.basis,
  parts.part_value,
  parts.base_value,
  totals.county_value,
  totals.county_part,
  totals.county_base,
  100 * parts.part_value / nullif(totals.county_part, 0) as share_of_county,
  case
    when parts.value is not null
      then cast(
        rank() over (
          partition by parts.indicator_id, parts.year
          order by
            case
              when parts.value is null then null
              when indicators.direction = 'lower_better' then parts.value
              else -parts.value
            end asc nulls last
        ) as bigint
      )
  end as best_rank,
  parts.is_flagged,
  indicators.responsible_department_zh
from rows_of_areas as parts
inner join totals on parts.indicator_id = totals.indicator_id and parts.year = totals.year
inner join {{ ref('int_indicators') }} as indicators on parts.indicator_id = indicators.indicator_id
order by parts.indicator_id, parts.year, parts.area
