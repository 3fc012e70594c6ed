{# Delivered days against their hours; the department's annual evaluation against the county's days. #}
{% set steps_of_evaluation = {
  'pm25': 1, 'pm10': 1, 'so2': 1, 'no2': 1, 'co_p95': 0.1, 'o3_8h_p90': 1, 'good_days': 0
} %}
with
years as (
  {% for field, step in steps_of_evaluation.items() %}
  select
    year,
    '{{ field }}' as field,
    '{{ lake_title('air_quality_annual', field) }}' as title_zh,
    cast({{ field }}_computed as double) as computed,
    cast({{ field }}_reported as double) as reported,
    {{ step }} as step
  from {{ ref('int_air_years') }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  rules.rule,
  'air_quality_daily.' || days.field || ' ' || cast(days.day as string) || ' ' || days.station as subject,
  cast(null as string) as indicator_ids,
  'air_quality_daily' as dataset,
  cast(extract(year from days.day) as bigint) as year,
  cast(null as string) as area,
  cast(null as string) as submission_id,
  {{ printed('days.value_of_hours') }} as expected,
  {{ printed('days.value_delivered') }} as observed,
  days.station || cast(days.day as string) || '“' || days.title_zh || '”：日均值报送为 '
    || {{ printed('days.value_delivered') }} || '，由小时值（或六项浓度）计算为 '
    || {{ printed('days.value_of_hours') }} || '。请核实并重报有误的数据。' as detail_zh
from {{ ref('int_air_day_differences') }} as days
inner join {{ ref('rules') }} as rules on rules.rule = 'air_day_differs'
where {{ differ('days.value_of_hours', 'days.value_delivered', 'rules.upper') }}
union all
select
  rules.rule,
  'air_quality_annual.' || years.field || ' ' || cast(years.year as string) as subject,
  cast(null as string) as indicator_ids,
  'air_quality_annual' as dataset,
  years.year,
  {{ county() }} as area,
  cast(null as string) as submission_id,
  {{ printed('years.computed') }} as expected,
  {{ printed('years.reported') }} as observed,
  cast(years.year as string) || '年“' || years.title_zh || '”：年度评价报送为 '
    || {{ printed('years.reported') }} || '，由全县日均值统计为 '
    || {{ printed('years.computed') }} || '。请核实年度评价或日均值。' as detail_zh
from years
inner join {{ ref('rules') }} as rules on rules.rule = 'air_year_differs'
where {{ differ('years.computed', 'years.reported', 'rules.upper * years.step') }}
