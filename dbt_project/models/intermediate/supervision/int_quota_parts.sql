{# Do the parts of a county's figure add up to it, level by level; of several the one that does not. #}
with
parts as (
  select
    kind,
    control_item,
    year,
    object_level,
    count(*) as parts,
    sum(cap) as parts_sum,
    min(cap) as least_part,
    max(cap) as largest_part
  from {{ ref('int_quota_caps') }}
  where object_level <> '全县' and cap_basis = 'allocated'
  group by kind, control_item, year, object_level
),

compared as (
  select
    wholes.kind,
    wholes.control_item,
    wholes.year,
    parts.object_level,
    parts.parts,
    case when wholes.unit <> '%' then parts.parts_sum end as parts_sum,
    case
      when wholes.unit = '%' and wholes.comparator = '≥' and round(parts.least_part - wholes.cap, 9) < 0 then 'parts_short'
      when wholes.unit = '%' and wholes.comparator = '≤' and round(parts.largest_part - wholes.cap, 9) > 0 then 'parts_exceed'
      when wholes.unit = '%' then 'adds_up'
      when {{ beyond_noise('parts.parts_sum - wholes.cap', 'wholes.cap') }} and parts.parts_sum > wholes.cap then 'parts_exceed'
      when {{ beyond_noise('parts.parts_sum - wholes.cap', 'wholes.cap') }} then 'parts_short'
      else 'adds_up'
    end as parts_status
  from {{ ref('int_quota_caps') }} as wholes
  inner join parts
    on wholes.kind = parts.kind and wholes.control_item = parts.control_item and wholes.year = parts.year
  where wholes.object_level = '全县'
)

select
  compared.*,
  row_number() over (
    partition by kind, control_item, year
    order by case when parts_status = 'adds_up' then 1 else 0 end, object_level
  ) as choice
from compared
