{% set datasets = archetype_declarations()['register'] %}
{% for entry in datasets %}
{% set version_field = entry.roles.version.fields[0] %}
select
  '{{ entry.dataset }}' as register,
  '{{ entry.domain }}' as domain,
  {{ role(entry, 'group') }} as register_zh,
  {{ joined_key(entry, but=[version_field]) }} as entry_id,
  {{ 'true' if has_role(entry, 'replaced_as_a_whole') else 'false' }} as is_replaced_as_a_whole,
  {{ role(entry, 'object') }} as object,
  {{ role(entry, 'code') }} as object_code,
  {{ role(entry, 'item') }} as item,
  {{ role_permit(entry) }} as permit_number,
  {{ role_date(entry, 'version') }} as version_from,
  {{ role_date(entry, 'ended') }} as ended_on,
  {{ role(entry, 'event') }} as event,
  {{ role_date(entry, 'valid_from') }} as valid_from,
  {{ role_date(entry, 'valid_to') }} as valid_to,
  {{ role(entry, 'class') }} as entry_class,
  {{ role_list(entry, 'evidence') }} as evidence,
  {{ role(entry, 'status') }} as entry_status,
  {{ role(entry, 'value', 'double') }} as value,
  {{ role_unit(entry, 'value') }} as unit,
  {{ role(entry, 'amount', 'double') }} as amount,
  {{ role(entry, 'place') }} as place,
  {{ role(entry, 'township') }} as township,
  {{ role(entry, 'zone') }} as zone_code,
  {{ role(entry, 'responsible_unit') }} as responsible_unit,
  {{ role(entry, 'responsible_person') }} as responsible_person,
  {{ role(entry, 'visits', 'double') }} as visits_per_month,
  {{ role(entry, 'auto', 'boolean') }} as is_automatic_required,
  {{ role(entry, 'compliant', 'boolean') }} as is_compliant,
  {{ missing_titles(entry, 'steps') }} as missing_steps_zh,
  {{ remaining_details(entry) }} as details_zh,
  r.flags is not null as is_flagged,
  r.received_at,
  r.source_row
from {{ ref('stg_' ~ entry.dataset) }} as r
where {{ takes_part(entry) }}
{{ 'union all' if not loop.last }}
{% endfor %}
