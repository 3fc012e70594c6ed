{% set datasets = archetype_declarations()['movement'] %}
{% for entry in datasets if not has_role(entry, 'movement') %}
{% set holder = entry.roles.holder.fields[0] %}
select
  '{{ entry.dataset }}' as dataset,
  {{ role(entry, 'holder') }} as holder,
  {{ 'true' if entry.types[holder] == 'area' else 'false' }} as is_area,
  {{ role(entry, 'material') }} as material,
  {{ role_date(entry, 'period') }} as period_start,
  '{{ entry.types[entry.roles.period.fields[0]] }}' as period,
  {{ role_permit(entry) }} as permit_number,
  {{ role(entry, 'opening', 'double') }} as opening,
  {{ role(entry, 'generated', 'double') }} as generated,
  {{ role(entry, 'received', 'double') }} as received_in,
  {{ role(entry, 'used', 'double') }} as used,
  {{ role(entry, 'disposed', 'double') }} as disposed,
  {{ role(entry, 'dumped', 'double') }} as dumped,
  {{ role(entry, 'sent', 'double') }} as sent_out,
  {{ role(entry, 'closing', 'double') }} as closing,
  {{ role(entry, 'compliant', 'boolean') }} as is_compliant,
  {{ role(entry, 'traced_by') }} as traced_by,
  {{ 'true' if has_role(entry, 'opening') and has_role(entry, 'closing') else 'false' }} as has_stocks,
  {{ 'true' if has_role(entry, 'sent') else 'false' }} as declares_sent_out,
  r.flags is not null as is_flagged
from {{ ref('stg_' ~ entry.dataset) }} as r
where {{ takes_part(entry) }}
{{ 'union all' if not loop.last }}
{% endfor %}
