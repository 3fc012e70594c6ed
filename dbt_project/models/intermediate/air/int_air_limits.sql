{# A limit is in force until the next one for the same pollutant and averaging time. #}
select
  pollutant,
  averaging,
  standard,
  valid_from,
  lead(valid_from) over (partition by pollutant, averaging order by valid_from) as replaced_on,
  limit_value
from {{ ref('air_limits') }}
