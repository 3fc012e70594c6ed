{# The statistics that quantities are made of, by their column in int_statistics: the name under which
   socioeconomics has them (brackets narrow, without spaces), the dimension of their unit, and `words`
   for a formula that divides by them. #}
{% macro statistics() %}
  {{ return({
    'gdp_current': {'name': '地区生产总值', 'dimension': 'money'},
    'gdp_2020_prices': {
      'name': '地区生产总值(2020年不变价)', 'dimension': 'money', 'words': 'GDP at constant 2020 prices'
    },
    'resident_population': {
      'name': '常住人口', 'dimension': 'population', 'words': 'resident population of the year'
    },
    'urban_population': {'name': '城镇人口', 'dimension': 'population'},
    'rural_population': {'name': '农村人口', 'dimension': 'population'},
    'industrial_output': {'name': '工业产值', 'dimension': 'money', 'words': '工业产值'},
  }) }}
{% endmacro %}


{# The name of a statistic in a column as `statistics` has it: brackets narrow, without spaces. #}
{% macro statistic_name(column) -%}
  replace(replace(replace({{ column }}, '（', '('), '）', ')'), ' ', '')
{%- endmacro %}
