{# Beside the areas of the contracts the name of what the county has and no township. #}
with
areas as (
  select area, kind, position from {{ ref('contract_areas') }}
  union all
  select '{{ var('unassigned_area') }}' as area, 'unassigned' as kind, max(position) + 1 as position
  from {{ ref('contract_areas') }}
)

select
  area,
  kind,
  {{ titled('kind', {'county': '全县', 'county_seat': '县城', 'township': '乡镇', 'unassigned': '未分乡镇'}) }} as kind_zh,
  kind = 'township' as is_township,
  position
from areas
order by position
