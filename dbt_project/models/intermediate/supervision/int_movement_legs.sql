{% set datasets = archetype_declarations()['movement'] %}
{% for entry in datasets if has_role(entry, 'movement') %}
select
  '{{ entry.dataset }}' as dataset,
  '{{ entry.domain }}' as domain,
  {{ joined_key(entry) }} as movement_id,
  coalesce({{ role(entry, 'chain') }}, {{ joined_key(entry) }}) as chain_id,
  {{ role(entry, 'material') }} as material,
  {{ role(entry, 'step') }} as step,
  {{ role(entry, 'from') }} as from_place,
  coalesce({{ role(entry, 'to') }}, {{ role(entry, 'from') }}) as to_place,
  {{ role(entry, 'to') }} is not null as has_receiver,
  {{ role(entry, 'from_kind') }} as from_kind,
  {{ role(entry, 'to_kind') }} as to_kind,
  {{ role(entry, 'carrier') }} as carrier,
  {{ role(entry, 'licence') }} as licence,
  {{ role_permit(entry) }} as permit_number,
  {{ role(entry, 'township') }} as township,
  {{ role_time(entry, 'sent_at') }} as sent_at,
  {{ role_time(entry, 'received_at') }} as received_at,
  {{ role(entry, 'sent', 'double') }} as sent,
  {{ role(entry, 'received', 'double') }} as received,
  '{{ entry.roles.get('term', {'constant': 'manifest_days'}).constant }}' as term_id,
  {{ 'true' if has_role(entry, 'step') else 'false' }} as has_steps,
  r.flags is not null as is_flagged,
  r.source_row
from {{ ref('stg_' ~ entry.dataset) }} as r
where {{ takes_part(entry) }}
{{ 'union all' if not loop.last }}
{% endfor %}
