{# A parameter of a forecast as a number, from the printed parameters in the column `parameters`:
   `name=1.2%` is 0.012, `δ=3.66t/万元` is 3.66, 未给出 is null. #}
{% macro forecast_parameter(name) -%}
  {%- set printed = "split_part(split_part(';' || parameters, ';" ~ name ~ "=', 2), ';', 1)" -%}
  (
    try_cast(regexp_extract({{ printed }}, '^([0-9.]+)', 1) as double)
    / case when instr({{ printed }}, '%') > 0 then 100 else 1 end
  )
{%- endmacro %}
