select quantity, {{ joined_values('indicator_id') }} as indicator_ids
from {{ ref('indicators') }}
group by quantity
