{# Values of the publication before against those of this build. A year that is not over may change. #}
with
published as (
  select
    earlier.indicator_id,
    earlier.year,
    earlier.area,
    earlier.value as published_value,
    earlier.unit,
    current_values.value,
    indicators.name_zh,
    split_part(quantities.datasets, ';', 1) as dataset,
    rules.rule
  from {{ source('last_publication', 'indicator_values') }} as earlier
  inner join {{ ref('int_indicators') }} as indicators on earlier.indicator_id = indicators.indicator_id
  inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
  left join {{ ref('int_indicator_values') }} as current_values
    on
      earlier.indicator_id = current_values.indicator_id
      and earlier.year = current_values.year
      and earlier.area = current_values.area
      and current_values.value is not null
  cross join {{ source('intake', 'build') }} as build
  inner join {{ ref('rules') }} as rules
    on rules.rule = case
      when current_values.value is null then 'published_value_lost' else 'published_value_changed'
    end
  where
    current_values.value is null
    or (
      earlier.year < extract(year from build.today)
      and {{ differ('earlier.value', 'current_values.value', 'rules.upper * abs(earlier.value) / 100') }}
    )
)

select
  rule,
  indicator_id || ' ' || cast(year as string) || ' ' || area as subject,
  indicator_id as indicator_ids,
  dataset,
  year,
  area,
  cast(null as string) as submission_id,
  {{ printed('published_value') }} as expected,
  coalesce({{ printed('value') }}, '无') as observed,
  indicator_id || ' ' || name_zh || '：' || cast(year as string) || '年' || area || '上次公布为 '
    || {{ printed('published_value') }} || '，现为 ' || coalesce({{ printed('value') }}, '无')
    || '（单位：' || unit || '）。请核实更正是否有据。' as detail_zh
from published
