select {{ declared_columns() }}
from {{ source('intake', 'rejected_rows') }}
order by submission_id, row_number, field
