{# Comparing measured values with limits and targets.
   Values are double precision: (0.2 + 0.2 + 0.2) / 3 is not 0.2. A difference below 1e-9 is rounding
   error, so comparisons ignore it; the values themselves are not rounded. #}

{% macro at_least(value, limit) -%}
  round({{ value }} - {{ limit }}, 9) >= 0
{%- endmacro %}

{% macro at_most(value, limit) -%}
  round({{ value }} - {{ limit }}, 9) <= 0
{%- endmacro %}

{% macro differ(left, right, tolerance=0) -%}
  round(abs({{ left }} - {{ right }}) - {{ tolerance }}, 9) > 0
{%- endmacro %}

{# Whether a value meets a target; `sense` is at_least or at_most. #}
{% macro meets(value, target, sense) -%}
  (
    ({{ sense }} = 'at_least' and {{ at_least(value, target) }})
    or ({{ sense }} = 'at_most' and {{ at_most(value, target) }})
  )
{%- endmacro %}


{# A number as text, with four decimals at most. #}
{% macro printed(value) -%}
  {{ plain_text(rounded(value, 4)) }}
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


{# Whether a difference exceeds the rounding error of sums in double precision; `total` is the sum. #}
{% macro beyond_noise(difference, total) -%}
  abs({{ difference }}) > 1e-9 * greatest(1, abs({{ total }}))
{%- endmacro %}


{# One sum less another, to nine decimals; 0 where only the rounding error is left, which follows from the order
   in which rows are added up. #}
{% macro difference_of(one, other) -%}
  case
    when not ({{ beyond_noise(one ~ ' - ' ~ other, one) }}) then 0e0
    else {{ rounded(one ~ ' - ' ~ other, 9) }}
  end
{%- endmacro %}
