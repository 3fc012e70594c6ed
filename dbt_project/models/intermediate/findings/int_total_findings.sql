{% for model, rule, whole, parts in [
  ('int_area_differences', 'county_differs_from_townships', '全县值', '各乡镇合计'),
  ('int_part_differences', 'total_differs_from_parts', '合计值', '各分项之和'),
] %}
select
  rules.rule,
  trim(sums.dataset || '.' || sums.field || ' ' || cast(sums.year as string) || ' ' || sums.item) as subject,
  cast(null as string) as indicator_ids,
  sums.dataset,
  sums.year,
  cast(null as string) as area,
  cast(null as string) as submission_id,
  {{ printed('sums.parts_value') }} as expected,
  {{ printed('sums.total_value') }} as observed,
  cast(sums.year as string) || '年' || datasets.title_zh || '“' || sums.title_zh || '”'
    || {{ in_brackets('sums.item') }} || '：{{ whole }}为 ' || {{ printed('sums.total_value') }}
    || '，{{ parts }}为 ' || {{ printed('sums.parts_value') }} || '。请核实并重报有误的行。' as detail_zh
from {{ ref(model) }} as sums
inner join {{ ref('contract_datasets') }} as datasets on sums.dataset = datasets.dataset
inner join {{ ref('rules') }} as rules on rules.rule = '{{ rule }}'
where {{ differ('sums.parts_value', 'sums.total_value', 'rules.upper * abs(sums.total_value) / 100') }}
{{ 'union all' if not loop.last }}
{% endfor %}
