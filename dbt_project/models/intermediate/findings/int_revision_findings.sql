{# A department's own later value differs from its earlier one, or two departments gave two values. #}
{% set own = 'revised.department = revised.earlier_department' %}
select
  rules.rule,
  trim(
    revised.dataset || '.' || revised.field || ' ' || {{ year_and('revised.year', ' ') }} || revised.item
    || case when {{ own }} then '' else ' ' || revised.earlier_department end
  ) as subject,
  cast(null as string) as indicator_ids,
  revised.dataset,
  revised.year,
  revised.area,
  revised.submission_id,
  {{ printed('revised.earlier_value') }} as expected,
  {{ printed('revised.current_value') }} as observed,
  {{ year_and('revised.year', '年') }} || datasets.title_zh || '“' || revised.title_zh || '”'
    || {{ in_brackets('revised.item') }} || '：'
    || case when {{ own }} then '先前报送为 ' else earlier_departments.name_zh || '报送为 ' end
    || {{ printed('revised.earlier_value') }} || '，'
    || case when {{ own }} then '现为 ' else departments.name_zh || '报送为 ' end
    || {{ printed('revised.current_value') }} || '。请说明原因，或确认以哪个为准。' as detail_zh
from {{ ref('int_revisions') }} as revised
inner join {{ ref('contract_datasets') }} as datasets on revised.dataset = datasets.dataset
inner join {{ ref('contract_departments') }} as departments
  on revised.department = departments.department
inner join {{ ref('contract_departments') }} as earlier_departments
  on revised.earlier_department = earlier_departments.department
inner join {{ ref('rules') }} as rules
  on rules.rule = case when {{ own }} then 'value_revised' else 'departments_differ' end
where {{ differ('revised.current_value', 'revised.earlier_value', 'rules.upper * abs(revised.current_value) / 100') }}
