{# Names that two permits bear say which permit is meant of neither. #}
select
  {{ folded('unit_name') }} as folded_name,
  max(permit_number) as permit_number
from {{ ref('int_permit_versions') }}
group by {{ folded('unit_name') }}
having count(distinct permit_number) = 1
