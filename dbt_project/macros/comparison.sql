{# Comparing measured values with limits and targets.
   Values are double precision: (0.2 + 0.2 + 0.2) / 3 is not 0.2. A difference below a thousandth of
   a millionth is that noise and nothing measured, so it never decides; the values themselves stay
   as they were computed. #}

{% macro at_least(value, limit) -%}
  round({{ value }} - {{ limit }}, 9) >= 0
{%- endmacro %}

{% macro at_most(value, limit) -%}
  round({{ value }} - {{ limit }}, 9) <= 0
{%- endmacro %}

{% macro differ(left, right, tolerance=0) -%}
  round(abs({{ left }} - {{ right }}) - {{ tolerance }}, 9) > 0
{%- endmacro %}

{# Does a value meet a target? `sense` is at_least or at_most. #}
{% macro meets(value, target, sense) -%}
  (
    ({{ sense }} = 'at_least' and {{ at_least(value, target) }})
    or ({{ sense }} = 'at_most' and {{ at_most(value, target) }})
  )
{%- endmacro %}


{# A number as people read it: four decimals at most. #}
{% macro printed(value) -%}
  cast(round({{ value }}, 4) as string)
{%- endmacro %}


{# One unit in the last digit of a number as printed: 1 for 45, 0.01 for 46.63 or 83.83%. #}
{% macro last_digit(raw) -%}
  power(
    10,
    - case
      when instr({{ raw }}, '.') = 0 then 0
      else length(replace(replace({{ raw }}, '%', ''), '*', '')) - instr({{ raw }}, '.')
    end
  )
{%- endmacro %}


{# Is a difference more than the noise of sums in double precision? `total` is what was summed. #}
{% macro beyond_noise(difference, total) -%}
  abs({{ difference }}) > 0.000000001 * greatest(1, abs({{ total }}))
{%- endmacro %}
