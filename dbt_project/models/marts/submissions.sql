select {{ declared_columns() }}
from {{ source('intake', 'submissions') }}
