select distinct dataset, permit_number
from (
  {% for named in [
    {'relation': ref('int_register_rows'), 'dataset': 'register'},
    {'relation': ref('int_ledger_rows'), 'dataset': 'dataset'},
    {'relation': ref('int_movement_legs'), 'dataset': 'dataset'},
    {'relation': ref('int_declared_balances'), 'dataset': 'dataset'},
    {'relation': ref('int_visits'), 'dataset': 'dataset'},
  ] %}
  select {{ named.dataset }} as dataset, permit_number
  from {{ named.relation }}
  union all
  {% endfor %}
  select dataset, permit_number
  from {{ ref('reading_periods') }}
  where period = 'year'
  union all
  select 'permit_reports' as dataset, upper(permit_number) as permit_number
  from {{ ref('stg_permit_reports') }}
  union all
  select 'discharge_right_trades' as dataset, upper(seller_permit) as permit_number
  from {{ ref('stg_discharge_right_trades') }}
  union all
  select 'discharge_right_trades' as dataset, upper(buyer_permit) as permit_number
  from {{ ref('stg_discharge_right_trades') }}
  union all
  select 'quota_allocations' as dataset, upper(quotas.object_code) as permit_number
  from {{ ref('stg_quota_allocations') }} as quotas
  inner join {{ ref('quota_items') }} as items on quotas.control_item = items.control_item
  where items.kind = 'emission' and quotas.object_level = '单位'
) as named
where permit_number is not null
