select
  rules.rule,
  'socioeconomics.' || compared.item || ' ' || cast(compared.year as string) as subject,
  cast(null as string) as indicator_ids,
  'socioeconomics' as dataset,
  cast(compared.year as bigint) as year,
  {{ county() }} as area,
  compared.submission_id,
  {{ printed('compared.expected') }} as expected,
  {{ printed('compared.observed') }} as observed,
  cast(compared.year as string) || '年统计指标“' || compared.item || '”：' || compared.observed_zh
    || '为 ' || {{ printed('compared.observed') }} || '，' || compared.expected_zh || '为 '
    || {{ printed('compared.expected') }} || '。请核实有关各项指标。' as detail_zh
from {{ ref('int_statistic_differences') }} as compared
inner join {{ ref('rules') }} as rules on compared.rule = rules.rule
where {{ differ('compared.expected', 'compared.observed', 'rules.upper * compared.step') }}
