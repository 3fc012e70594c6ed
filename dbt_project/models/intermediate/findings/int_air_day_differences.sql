{# Daily values computed from hours against daily values delivered, each rounded as daily values are.
   Only days of the mart that come from hours are compared: the others are the delivered values. #}
{% set pollutants = air_pollutants() %}
with
compared as (
  select
    delivered.station,
    delivered.day,
    {% for pollutant in pollutants %}
    case when days.basis in ('hourly', 'hourly and daily') then days.{{ pollutant }} end as {{ pollutant }}_of_hours,
    {{ air_rounded(pollutant, 'delivered.' ~ pollutant) }} as {{ pollutant }}_delivered,
    {% endfor %}
    cast(days.computed_aqi as double) as aqi_of_hours,
    cast(delivered.aqi as double) as aqi_delivered
  from {{ ref('stg_air_quality_daily') }} as delivered
  inner join {{ ref('air_quality_daily') }} as days
    on delivered.station = days.station and delivered.day = days.day
)

{% for field in pollutants + ['aqi'] %}
select
  station,
  day,
  '{{ field }}' as field,
  '{{ lake_title('air_quality_daily', field) }}' as title_zh,
  {{ field }}_of_hours as value_of_hours,
  {{ field }}_delivered as value_delivered
from compared
where {{ field }}_of_hours is not null and {{ field }}_delivered is not null
{{ 'union all' if not loop.last }}
{% endfor %}
