with
seen as (
  select section_name, min(month) as first_month, max(month) as last_month
  from {{ ref('water_section_monthly') }}
  group by section_name
),

sections as (
  select section_name from seen
  union
  select section_name from {{ ref('stg_water_sections') }}
)

select
  sections.section_name,
  registered.section_name is not null as is_registered,
  registered.river_name,
  coalesce(registered.water_body_type, '河流') as water_body_type,
  registered.control_level,
  registered.township,
  registered.border_kind,
  coalesce(registered.assessed, false) as assessed,
  registered.target_class,
  classes.class_rank as target_class_rank,
  seen.first_month,
  seen.last_month
from sections
left join {{ ref('stg_water_sections') }} as registered on sections.section_name = registered.section_name
left join {{ ref('water_classes') }} as classes on registered.target_class = classes.water_class
left join seen on sections.section_name = seen.section_name
order by sections.section_name
