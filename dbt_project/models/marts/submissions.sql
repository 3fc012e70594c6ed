select {{ declared_columns() }}
from {{ source('intake', 'submissions') }}
order by received_at
