{# 日警示, 周分析, 月通报: how an alert is put into words, and the marts of weeks and months. #}


{# The Chinese title of the field whose name is in the column `item`. #}
{% macro item_title(dataset) -%}
  case item
  {%- for field in lake_columns(dataset, types=['float']) %}
    when '{{ field }}' then '{{ lake_title(dataset, field) }}'
  {%- endfor %}
    else item end
{%- endmacro %}

{# `PM2.5 98 μg/m³（超0.31倍）` from the columns item, value, unit and multiple; without a multiple where
   there is none. #}
{% macro item_in_words(dataset) -%}
  {{ item_title(dataset) }} || ' ' || {{ plain_number('value', 4) }} || case when unit = '无量纲' then '' else ' ' || unit end
    || coalesce('（超' || {{ plain_number('multiple', 2) }} || '倍）', '')
{%- endmacro %}


{# A number with that many decimals at most, a whole one without any. #}
{% macro plain_number(value, digits) -%}
  case
    when {{ rounded(value, digits) }} = {{ rounded(value, 0) }} then cast(cast({{ rounded(value, 0) }} as bigint) as string)
    else {{ plain_text(rounded(value, digits)) }}
  end
{%- endmacro %}


{# The whole of a mart of alerts by week or month: sums over the days of alerts_daily and nothing else.
   period: week or month; label: expression of its name over `period_start`; last: of its last day;
   before: name and expression of the first day of each period to compare with. #}
{% macro alerts_by_period(period, label, last, before) -%}
with
placed as (
  select *, cast(date_trunc('{{ period }}', day) as date) as period_start
  from {{ ref('alerts_daily') }}
),

-- The worst first; of several as bad the earliest.
days as (
  select
    *,
    row_number() over (
      partition by period_start, kind, department, object
      order by coalesce(magnitude, -1) desc, day, period
    ) as badness
  from placed
),

periods as (
  select
    period_start,
    kind,
    department,
    object,
    min(kind_zh) as kind_zh,
    min(domain) as domain,
    min(department_zh) as department_zh,
    count(*) as judged,
    count(*) filter (where is_alert) as alerts,
    count(*) filter (where is_serious) as serious_alerts,
    count(*) filter (where is_open) as open_alerts,
    max(largest_multiple) filter (where is_alert) as largest_multiple,
    max(case when badness = 1 then observed_zh end) as worst_zh,
    max(case when badness = 1 then day end) as worst_on,
    min(day) filter (where is_alert) as first_alert_on,
    max(day) filter (where is_alert) as last_alert_on,
    bool_or(is_flagged) as is_flagged
  from days
  group by period_start, kind, department, object
),

{# Each item once, whatever it stood beside on its day. #}
items as (
  select period_start, kind, department, object, {{ joined_values('item') }} as exceeded_items
  from (
    select period_start, kind, department, object, {{ each_of("split(exceeded_items, '; ')") }} as item
    from days
    where is_alert and exceeded_items is not null
  ) as every_item
  group by period_start, kind, department, object
)

select
  {{ label }} as {{ period }},
  periods.period_start,
  {{ last }} as period_end,
  periods.kind,
  periods.kind_zh,
  periods.domain,
  periods.department,
  periods.department_zh,
  periods.object,
  periods.judged,
  periods.alerts,
  periods.serious_alerts,
  periods.open_alerts,
  100e0 * periods.alerts / periods.judged as alert_share,
  items.exceeded_items,
  periods.largest_multiple,
  periods.worst_zh,
  periods.worst_on,
  periods.first_alert_on,
  periods.last_alert_on,
  {% for name in before %}
  {{ name }}.judged as {{ name }}_judged,
  {{ name }}.alerts as {{ name }}_alerts,
  {% endfor %}
  periods.is_flagged
from periods
left join items
  on
    periods.period_start = items.period_start
    and periods.kind = items.kind
    and periods.department = items.department
    and periods.object = items.object
{% for name, first in before.items() %}
left join periods as {{ name }}
  on
    {{ name }}.period_start = {{ first }}
    and periods.kind = {{ name }}.kind
    and periods.department = {{ name }}.department
    and periods.object = {{ name }}.object
{% endfor %}
order by periods.period_start, periods.kind, periods.department, periods.object
{%- endmacro %}
