select
  rules.rule,
  trim(
    missing.dataset || ' ' || coalesce(missing.identity, cast(missing.year as string)) || ' ' || missing.item
  ) as subject,
  cast(null as string) as indicator_ids,
  missing.dataset,
  missing.year,
  missing.area,
  cast(null as string) as submission_id,
  missing.expected,
  missing.observed,
  cast(missing.year as string) || '年' || datasets.title_zh || {{ in_brackets('missing.item') }} || '：应'
    || missing.expected || '，实际' || missing.observed || '。请补报，或说明原因。' as detail_zh
from {{ ref('int_coverage') }} as missing
inner join {{ ref('contract_datasets') }} as datasets on missing.dataset = datasets.dataset
inner join {{ ref('rules') }} as rules on missing.rule = rules.rule
where missing.amount > rules.upper * missing.step
