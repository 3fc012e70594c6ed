{# All measurements of a sample; those without a limit in the standard drop out where limits are joined. #}
select
  section_name,
  sampled_at,
  determinand,
  value,
  flags is not null as is_flagged
from {{ ref('stg_water_section_quality') }}
unpivot (value for determinand in ({{ lake_columns('water_section_quality', types=['float']) | join(', ') }}))
