{# Parts of the datasets that a duty needs; of the alternatives within a part one is enough. #}
with
parts as (
  select
    function_id,
    {{ each_of(split_text('datasets', ';')) }} as part
  from {{ ref('served_duties') }}
  where datasets is not null
),

alternatives as (
  select
    function_id,
    part,
    {{ each_of(split_text('part', '|')) }} as dataset
  from parts
),

accepted as (
  select
    dataset,
    max(received_at) as latest_received_at,
    max(case when periods <> '' then {{ last_item('periods', ';') }} end) as latest_period
  from {{ source('intake', 'submissions') }}
  where rows_accepted > 0
  group by dataset
)

select
  alternatives.function_id,
  alternatives.part,
  bool_or(accepted.dataset is not null) as is_delivered,
  replace({{ joined_values('datasets.title_zh') }}, '; ', '或') as titles_zh,
  max(accepted.latest_received_at) as latest_received_at,
  max(accepted.latest_period) as latest_period
from alternatives
left join {{ ref('contract_datasets') }} as datasets on alternatives.dataset = datasets.dataset
left join accepted on alternatives.dataset = accepted.dataset
group by alternatives.function_id, alternatives.part
