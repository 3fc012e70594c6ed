select
  rules.rule,
  trim(
    sides.dataset || '.' || sides.relation || ' ' || {{ year_and('sides.year', ' ') }} || sides.item
  ) as subject,
  cast(null as string) as indicator_ids,
  sides.dataset,
  sides.year,
  sides.area,
  sides.submission_id,
  case when sides.sense = '<=' then '≤ ' else '' end || {{ printed('sides.right_value') }} as expected,
  {{ printed('sides.left_value') }} as observed,
  {{ year_and('sides.year', '年') }} || datasets.title_zh || {{ in_brackets('sides.item') }} || '：'
    || sides.left_zh || ' 为 ' || {{ printed('sides.left_value') }}
    || case when sides.sense = '=' then '，与 ' else '，超过 ' end
    || sides.right_zh || ' 的 ' || {{ printed('sides.right_value') }}
    || case when sides.sense = '=' then ' 不相等。' else '。' end || '请核实并重报有误的行。' as detail_zh
from {{ ref('int_relations') }} as sides
inner join {{ ref('contract_datasets') }} as datasets on sides.dataset = datasets.dataset
inner join {{ ref('rules') }} as rules on sides.rule = rules.rule
where
  (sides.sense = '=' or sides.left_value > sides.right_value)
  and {{ differ('sides.left_value', 'sides.right_value', 'rules.upper * abs(sides.right_value) / 100') }}
