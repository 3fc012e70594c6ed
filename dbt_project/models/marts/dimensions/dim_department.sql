select
  departments.department,
  departments.name_zh,
  departments.main_domain,
  domains.domain_zh as main_domain_zh
from {{ ref('contract_departments') }} as departments
left join {{ ref('domains') }} as domains on departments.main_domain = domains.domain
order by departments.department
