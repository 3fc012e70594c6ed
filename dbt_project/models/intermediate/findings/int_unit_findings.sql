select
  rules.rule,
  factors.dataset || '.' || factors.field || ' ' || factors.first_key as subject,
  cast(null as string) as indicator_ids,
  factors.dataset,
  factors.year,
  cast(null as string) as area,
  factors.submission_id,
  {{ printed('factors.usual_of_others') }} as expected,
  {{ printed('factors.usual') }} as observed,
  datasets.title_zh || '“' || factors.title_zh || '”（' || factors.first_key || ' 起）：报送值 '
    || {{ printed('factors.usual') }} || ' 与同一对象其他各期的 ' || {{ printed('factors.usual_of_others') }}
    || '（单位：' || factors.unit || '）相差约 ' || {{ plain_text(rounded('factors.times_apart', 1)) }}
    || ' 倍，像是按“' || factors.likely_unit || '”填报的。请核实单位；填错的请写明单位后重新报送，没有错的请说明原因。' as detail_zh
from {{ ref('int_unit_factors') }} as factors
inner join {{ ref('contract_datasets') }} as datasets on factors.dataset = datasets.dataset
inner join {{ ref('rules') }} as rules on rules.rule = 'likely_other_unit'
where factors.times_apart >= rules.lower and factors.times_left <= rules.upper
