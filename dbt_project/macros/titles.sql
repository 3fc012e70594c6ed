{# Chinese titles of codes. #}


{# The title of the code in a column; titles: {code: title}. Null for any other code. #}
{% macro titled(column, titles) -%}
  case {{ column }}
    {% for code, title in titles.items() %}
    when '{{ code }}' then '{{ title }}'
    {% endfor %}
  end
{%- endmacro %}
