{# A dataset without a role for completion or closing lists what should have an item elsewhere. #}
{% set datasets = archetype_declarations()['ledger'] %}
{% for entry in datasets %}
select
  '{{ entry.dataset }}' as dataset,
  '{{ entry.domain }}' as domain,
  {{ joined_key(entry) }} as item_id,
  {{ 'false' if has_role(entry, 'closed') or has_role(entry, 'completed') else 'true' }} as is_expected_item,
  {{ role(entry, 'kind') }} as ledger,
  {{ role(entry, 'source') }} as source,
  {{ role(entry, 'object') }} as object,
  {{ role_permit(entry) }} as permit_number,
  coalesce({{ role(entry, 'township') }}, {{ role(entry, 'area') }}) as township,
  {{ role(entry, 'zone') }} as zone_code,
  {{ role(entry, 'problem') }} as problem,
  {{ role(entry, 'class') }} as severity,
  {{ role_time(entry, 'opened') if has_role(entry, 'opened') else end_of_part(entry) }} as opened_at,
  {{ role(entry, 'period', 'bigint') }} as period_year,
  {{ role(entry, 'part') }} as part_of_year,
  {{ role_time(entry, 'answered') }} as answered_at,
  {{ role_date(entry, 'deadline') }} as delivered_deadline,
  {{ role_date(entry, 'due_from') }} as due_from,
  {{ role_date(entry, 'approved') }} as approved_on,
  {{ role_date(entry, 'completed') }} as completed_on,
  {{ role_date(entry, 'closed') }} as closed_on,
  {{ role(entry, 'still_open', 'boolean') }} as is_still_open,
  {{ role(entry, 'evidence') }} as evidence,
  {{ role(entry, 'release') }} as release_id,
  {{ role(entry, 'responsible_unit') }} as responsible_unit,
  {{ role(entry, 'responsible_person') }} as responsible_person,
  {{ role(entry, 'value', 'double') }} as value,
  {{ role(entry, 'compliant', 'boolean') }} as is_compliant,
  {{ remaining_details(entry) }} as details_zh,
  {{ role(entry, 'alert') }} as alert_id,
  r.flags is not null as is_flagged,
  r.source_row
from {{ ref('stg_' ~ entry.dataset) }} as r
where {{ takes_part(entry) }}
{{ 'union all' if not loop.last }}
{% endfor %}
