{% set datasets = archetype_declarations()['score'] %}
{% for entry in datasets %}
{% set is_wave = entry.types[entry.roles.period.fields[0]] != 'year' %}
select
  '{{ entry.dataset }}' as dataset,
  {{ role(entry, 'scheme') }} as scheme,
  cast(extract(year from {{ role_time(entry, 'period') }}) as bigint) as year,
  {{ role_date(entry, 'period' if is_wave else 'scored') }} as scored_on,
  {{ 'true' if is_wave or not has_role(entry, 'full') else 'false' }} as is_wave,
  {{ role(entry, 'subject') }} as subject,
  {{ role(entry, 'subject_kind') if has_role(entry, 'subject_kind') else "'区域'" }} as subject_kind,
  {{ role(entry, 'item') }} as item,
  {{ role(entry, 'score', 'double') }} as score,
  {% if has_role(entry, 'full') %}
  {{ role(entry, 'full', 'double') }}
  {% elif role_unit(entry, 'score') == "'%'" %}
  100e0
  {% else %}
  cast(null as double)
  {% endif %}
  as full_marks,
  {{ role(entry, 'value', 'double') }} as value,
  coalesce({{ role(entry, 'unit') }}, {{ role_unit(entry, 'value') }}) as unit,
  {{ role(entry, 'indicator') }} as indicator_id,
  {{ role(entry, 'weight', 'double') }} as weight,
  {{ role(entry, 'class') }} as result,
  {{ role(entry, 'consequence') }} as consequence,
  {{ role_list(entry, 'evidence') }} as document_no,
  r.flags is not null as is_flagged,
  r.source_row
from {{ ref('stg_' ~ entry.dataset) }} as r
where {{ takes_part(entry) }}
{{ 'union all' if not loop.last }}
{% endfor %}
