{# Pieces of the texts of findings. #}


{# A text in brackets, nothing where it is empty. #}
{% macro in_brackets(text) -%}
  case when {{ text }} <> '' then '（' || {{ text }} || '）' else '' end
{%- endmacro %}


{# A year followed by a text, nothing where there is no year. #}
{% macro year_and(year, text) -%}
  coalesce(cast({{ year }} as string) || '{{ text }}', '')
{%- endmacro %}
