{# Readings: values while stopped, a day of equal hours, two units in one series, times to come, statements that
   contradict their limit. A day of zeros is no fault: gauges of rain and floods rest. #}
{% set series = ['dataset', 'network', 'kind', 'object', 'point', 'item'] %}
with
build as ({{ county_now() }}),

days as (
  select
    days.*,
    concat_ws(' ', network, kind, object, point, item) as series
  from {{ ref('int_reading_days') }} as days
),

units as (
  select
    dataset,
    series,
    max(township) as township,
    {{ joined_values('unit') }} as units,
    count(distinct unit) as unit_count
  from days
  group by dataset, series
),

cases as (
  {% for rule, condition, expected, observed in [
    ('reading_while_stopped', 'stopped_with_value > 0', "'停产停用时没有监测值'",
     "cast(stopped_with_value as string) || ' 个停产停用的数据有监测值'"),
    ('reading_constant', 'values_given >= 24 and min_value = max_value and min_value <> 0', "'全天数值有变化'",
     "cast(values_given as string) || ' 个数据均为 ' || " ~ plain_number('min_value', 4)),
    ('reading_in_future', 'latest_at > build.now', "'监测时间不在将来'", "'监测时间 ' || cast(latest_at as string)"),
    ('reading_statement_differs', 'contradicted_readings > 0', "'是否达标与限值一致'",
     "cast(contradicted_readings as string) || ' 个结果的是否达标与限值不符'"),
  ] %}
  select
    '{{ rule }}' as rule,
    dataset,
    series || ' ' || cast(day as string) || coalesce(' ' || unit, '') as subject,
    extract(year from day) as year,
    township as area,
    cast(null as string) as source_row,
    {{ expected }} as expected,
    {{ observed }} as observed
  from days
  cross join build
  where {{ condition }}
  union all
  {% endfor %}
  select
    'reading_units_differ' as rule,
    dataset,
    series as subject,
    cast(null as bigint) as year,
    township as area,
    cast(null as string) as source_row,
    '同一序列用同一单位' as expected,
    units as observed
  from units
  where unit_count > 1
)

{{ findings_of_cases('cases') }}
