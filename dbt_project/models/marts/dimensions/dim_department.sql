{# Beside the departments of the contracts those that no contract has any more and that once delivered. #}
with
departments as (
  select department, name_zh, main_domain from {{ ref('contract_departments') }}
  union all
  select submissions.department, submissions.department as name_zh, cast(null as string) as main_domain
  from {{ source('intake', 'submissions') }} as submissions
  left join {{ ref('contract_departments') }} as known on submissions.department = known.department
  where submissions.department is not null and known.department is null
  group by submissions.department
)

select
  departments.department,
  departments.name_zh,
  departments.main_domain,
  domains.domain_zh as main_domain_zh
from departments
left join {{ ref('domains') }} as domains on departments.main_domain = domains.domain
order by departments.department
