{# Objects of the registers that a rule makes due, one row per kind of visit and object. The kinds of visit that
   threshold patrol_visits names take their number a month from the register. #}
with
numbers as (
  select threshold_id, item, try_cast(value as double) as value, unit
  from {{ ref('supervision_thresholds') }}
),

entries as (
  select
    entries.*,
    rows_of_registers.is_automatic_required,
    min(entries.version_from) over (partition by entries.register, entries.entry_id, entries.entry_status) as entered_on
  from {{ ref('register_entries') }} as entries
  inner join {{ ref('int_register_rows') }} as rows_of_registers
    on
      entries.register = rows_of_registers.register
      and entries.entry_id = rows_of_registers.entry_id
      and entries.version_from = rows_of_registers.version_from
),

due as (
  select
    rules.visit_kind,
    rules.also_counts,
    rules.also_within,
    rules.reading_network,
    rules.threshold_id,
    numbers.value as interval_count,
    numbers.unit as interval_unit,
    entries.object,
    entries.register_zh as object_kind,
    entries.permit_number,
    entries.township,
    entries.responsible_unit,
    entries.responsible_person,
    case when {{ holds('monthly.item', 'rules.visit_kind') }} then nullif(entries.visits_per_month, 0e0) end as visits_per_month,
    greatest(coalesce(entries.value, tested.size), coalesce(tested.size, entries.value)) as size,
    entries.is_flagged,
    entries.version_from,
    entries.entered_on,
    row_number() over (
      partition by rules.visit_kind, {{ folded('entries.object') }}
      order by rules.rule_no, entries.version_from desc, entries.entry_id
    ) as choice
  from {{ ref('visit_rules') }} as rules
  inner join numbers as monthly on monthly.threshold_id = 'patrol_visits'
  inner join entries
    on
      rules.register = entries.register
      and entries.is_current
      and (rules.register_group is null or {{ holds('rules.register_group', 'entries.register_zh') }})
      and (rules.states is null or {{ holds('rules.states', 'entries.entry_status') }})
      and not coalesce({{ holds('rules.excluded_states', 'entries.entry_status') }}, false)
      and (not rules.is_automatic_only or coalesce(entries.is_automatic_required, false))
  left join numbers on rules.threshold_id = numbers.threshold_id
  left join numbers as sizes on rules.least_size = sizes.threshold_id
  left join {{ ref('int_visit_sizes') }} as tested
    on
      rules.visit_kind = tested.visit_kind
      and case
        when entries.permit_number is not null and tested.permit_number is not null
          then entries.permit_number = tested.permit_number
        else {{ folded('entries.object') }} = tested.folded_object
      end
  where rules.least_size is null or entries.value >= sizes.value or tested.size >= sizes.value
)

select
  due.*,
  also.value as also_count,
  also.unit as also_unit
from due
left join numbers as also on due.also_within = also.threshold_id
where due.choice = 1
