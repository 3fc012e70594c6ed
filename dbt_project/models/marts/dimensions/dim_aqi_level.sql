{# HJ 633, tables 1 and 2; a level begins above the last index of the one before. #}
{% for level in aqi_levels() %}
select
  cast({{ loop.index }} as bigint) as aqi_level_order,
  '{{ level.name }}' as aqi_level,
  cast({{ 0 if loop.first else loop.previtem.up_to + 1 }} as bigint) as aqi_from,
  cast({{ level.up_to or 'null' }} as bigint) as aqi_to,
  '{{ level.colour }}' as colour
{{ 'union all' if not loop.last }}
{% endfor %}
order by aqi_level_order
