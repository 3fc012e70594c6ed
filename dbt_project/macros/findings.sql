{# Pieces of the texts of findings. #}


{# A text in brackets, nothing where it is empty. #}
{% macro in_brackets(text) -%}
  case when {{ text }} <> '' then '（' || {{ text }} || '）' else '' end
{%- endmacro %}


{# A year followed by a text, nothing where there is no year. #}
{% macro year_and(year, text) -%}
  coalesce(cast({{ year }} as string) || '{{ text }}', '')
{%- endmacro %}


{# Cases of the supervision rules in the form that all findings have.
   relation: one row per case with rule, dataset, subject, year, area, source_row, expected, observed. #}
{% macro findings_of_cases(relation) -%}
select
  cases.rule,
  trim(cases.dataset || ' ' || cases.subject) as subject,
  cast(null as string) as indicator_ids,
  cases.dataset,
  cast(cases.year as bigint) as year,
  cases.area,
  {{ row_key_part('cases.source_row', 'submission_id') }} as submission_id,
  cases.expected,
  cases.observed,
  datasets.title_zh || ' ' || cases.subject || '：' || cases.observed || '；' || cases.expected
    || '。请核实，有误的请更正后重报。' as detail_zh
from {{ relation }} as cases
inner join {{ ref('contract_datasets') }} as datasets on cases.dataset = datasets.dataset
{%- endmacro %}
