{# Objects of the registers that a rule makes due, one row per kind of visit and object. #}
with
numbers as (
  select threshold_id, try_cast(value as double) as value, unit
  from {{ ref('supervision_thresholds') }}
),

entries as (
  select
    entries.*,
    rows_of_registers.is_automatic_required
  from {{ ref('register_entries') }} as entries
  inner join {{ ref('int_register_rows') }} as rows_of_registers
    on
      entries.register = rows_of_registers.register
      and entries.entry_id = rows_of_registers.entry_id
      and entries.version_from = rows_of_registers.version_from
  where entries.is_current
),

due as (
  select
    rules.visit_kind,
    rules.also_counts,
    rules.also_within,
    rules.threshold_id,
    numbers.value as interval_count,
    numbers.unit as interval_unit,
    entries.object,
    entries.register_zh as object_kind,
    entries.permit_number,
    entries.township,
    entries.responsible_unit,
    entries.responsible_person,
    entries.visits_per_month,
    entries.value as size,
    entries.is_flagged,
    entries.version_from as entered_on,
    row_number() over (
      partition by rules.visit_kind, {{ folded('entries.object') }}
      order by rules.rule_no, entries.version_from desc, entries.entry_id
    ) as choice
  from {{ ref('visit_rules') }} as rules
  inner join entries
    on
      rules.register = entries.register
      and (rules.register_group is null or {{ holds('rules.register_group', 'entries.register_zh') }})
      and (rules.states is null or {{ holds('rules.states', 'entries.entry_status') }})
      and not coalesce({{ holds('rules.excluded_states', 'entries.entry_status') }}, false)
      and (not rules.is_automatic_only or coalesce(entries.is_automatic_required, false))
  left join numbers on rules.threshold_id = numbers.threshold_id
  left join numbers as sizes on rules.least_size = sizes.threshold_id
  where sizes.value is null or entries.value >= sizes.value
)

select
  due.*,
  also.value as also_count,
  also.unit as also_unit
from due
left join numbers as also on due.also_within = also.threshold_id
where due.choice = 1
