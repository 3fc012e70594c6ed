{# Loads that leave a transfer station were counted when they came to it. #}
with
legs as (
  select
    *,
    cast(date_trunc('month', sent_at) as date) as month_start,
    cast(date_trunc('year', sent_at) as date) as year_start
  from {{ ref('int_movement_statuses') }}
  where
    not coalesce(from_kind = '中转站', false)
    and (not is_internal or step is not null)
),

holders as (
  select distinct dataset, holder, is_area, material, period, traced_by
  from {{ ref('int_declared_balances') }}
  where traced_by is not null
),

materials as (
  select
    holders.*,
    coalesce(materials.traced_material, holders.material) as traced_material
  from holders
  left join {{ ref('traced_materials') }} as materials
    on holders.dataset = materials.dataset and holders.material = materials.material
),

{# What was used or disposed of, wherever that was, of the batches that began at the holder. #}
treated as (
  select
    materials.dataset,
    materials.holder,
    materials.material,
    cast(date_trunc('year', legs.sent_at) as date) as period_start,
    sum(case when legs.is_internal then legs.sent else coalesce(legs.received, legs.sent) end) as traced_treated
  from materials
  inner join {{ ref('int_movement_statuses') }} as legs
    on materials.traced_by = legs.dataset and materials.traced_material = legs.material
  inner join {{ ref('int_movement_chain_states') }} as chains
    on
      legs.dataset = chains.dataset
      and legs.chain_id = chains.chain_id
      and {{ folded('materials.holder') }} = {{ folded('chains.origin') }}
  where not materials.is_area and legs.has_steps and legs.is_final and (legs.is_internal or legs.is_confirmed)
  group by materials.dataset, materials.holder, materials.material, cast(date_trunc('year', legs.sent_at) as date)
)

select
  materials.dataset,
  materials.holder,
  materials.material,
  case when materials.period = 'month' then legs.month_start else legs.year_start end as period_start,
  sum(case when not legs.is_internal then legs.sent end) as traced_sent,
  sum(case when not legs.is_internal and legs.is_confirmed then coalesce(legs.received, legs.sent) end) as traced_received,
  sum(case when legs.step = '产生' then legs.sent end) as traced_generated,
  max(treated.traced_treated) as traced_treated
from materials
inner join legs
  on
    materials.traced_by = legs.dataset
    and materials.traced_material = legs.material
    and case
      when materials.is_area then materials.holder in ({{ county() }}, legs.township)
      else {{ folded('materials.holder') }} = {{ folded('legs.from_place') }}
    end
left join treated
  on
    materials.dataset = treated.dataset
    and materials.holder = treated.holder
    and materials.material = treated.material
    and legs.year_start = treated.period_start
group by
  materials.dataset,
  materials.holder,
  materials.material,
  case when materials.period = 'month' then legs.month_start else legs.year_start end
