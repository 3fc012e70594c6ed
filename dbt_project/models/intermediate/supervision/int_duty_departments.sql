with
needed as (
  select function_id, {{ each_of(split_text('datasets', ';|')) }} as dataset
  from {{ ref('served_duties') }}
  where datasets is not null
)

select
  needed.function_id,
  {{ joined_values('departments.name_zh') }} as departments_zh
from needed
inner join {{ ref('contract_datasets') }} as datasets on needed.dataset = datasets.dataset
inner join {{ ref('contract_departments') }} as departments
  on {{ holds('datasets.departments_allowed', 'departments.department') }}
group by needed.function_id
