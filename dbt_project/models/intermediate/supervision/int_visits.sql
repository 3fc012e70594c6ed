{% set datasets = archetype_declarations()['visit'] %}
{% for entry in datasets %}
select
  '{{ entry.dataset }}' as dataset,
  {{ joined_key(entry) }} as visit_id,
  {{ role(entry, 'kind') }} as visit_kind,
  {{ role(entry, 'object') }} as object,
  {{ role_permit(entry) }} as permit_number,
  {{ role(entry, 'township') }} as township,
  {{ role(entry, 'point') }} as point,
  {{ role_date(entry, 'visited') }} as visited_on,
  {{ role(entry, 'inspector') }} as inspector,
  {{ role(entry, 'class') }} as visit_class,
  {{ role(entry, 'size', 'double') }} as size,
  {{ role(entry, 'problems', 'bigint') }} as problems,
  {{ role(entry, 'settled', 'bigint') }} as settled_problems,
  {{ role(entry, 'decision') }} as decision,
  {{ role_date(entry, 'decided') }} as decided_on,
  {{ role(entry, 'penalty', 'double') }} as penalty_amount,
  {{ role_date(entry, 'disclosed') }} as disclosed_on,
  coalesce({{ role(entry, 'mobile', 'boolean') }}, false) as is_mobile,
  {{ 'true' if has_role(entry, 'settled') else 'false' }} as counts_settled,
  r.flags is not null as is_flagged,
  r.source_row
from {{ ref('stg_' ~ entry.dataset) }} as r
where {{ takes_part(entry) }}
union all
{% endfor %}
select
  dataset,
  concat_ws('·', network, object, cast(period_start as string)) as visit_id,
  '自动监测' as visit_kind,
  object,
  cast(null as string) as permit_number,
  max(township) as township,
  cast(null as string) as point,
  period_start as visited_on,
  cast(null as string) as inspector,
  network as visit_class,
  cast(null as double) as size,
  cast(null as bigint) as problems,
  cast(null as bigint) as settled_problems,
  cast(null as string) as decision,
  cast(null as date) as decided_on,
  cast(null as double) as penalty_amount,
  cast(null as date) as disclosed_on,
  false as is_mobile,
  true as counts_settled,
  bool_or(is_flagged) as is_flagged,
  cast(null as string) as source_row
from {{ ref('reading_periods') }}
where period = 'day' and dataset = 'sensor_readings' and valid_readings > 0
group by dataset, network, object, period_start
