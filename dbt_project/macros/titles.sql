{# What codes are called by people. #}


{# A column of codes in words; titles: code -> words. Null for a code that is not among them. #}
{% macro titled(column, titles) -%}
  case {{ column }}
    {% for code, title in titles.items() %}
    when '{{ code }}' then '{{ title }}'
    {% endfor %}
  end
{%- endmacro %}
