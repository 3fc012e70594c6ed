select {{ declared_columns() }}
from {{ source('intake', 'rejected_rows') }}
