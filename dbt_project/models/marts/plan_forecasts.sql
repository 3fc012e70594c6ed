{# Each forecast is worked out again by its printed formula from its own printed parameters. Where the
   plan gives no rule or a parameter is not stated there is nothing to work out. #}
{% set growth -%}
  base_value * power(1 + {{ forecast_parameter('g') }}, {{ forecast_parameter('n') }})
{%- endset %}
{% set reduction -%}
  base_value * power(1 - {{ forecast_parameter('d') }}, {{ forecast_parameter('n') }})
{%- endset %}
{# The text prints the years from and to instead of their number. #}
{% set reduction_over_years -%}
  base_value * power(1 - {{ forecast_parameter('d') }}, target_year - base_year)
{%- endset %}
{% set domestic_wastewater -%}
  {{ forecast_parameter('城镇人口') }} * {{ forecast_parameter('人均用水量') }} * {{ forecast_parameter('排放系数') }} * 365
{%- endset %}
{% set intensity -%}
  {{ forecast_parameter('δ') }} * power(1 - {{ forecast_parameter('α') }}, {{ forecast_parameter('n') }})
{%- endset %}
{% set waste_per_day = forecast_parameter('m') ~ ' * ' ~ forecast_parameter('P') ~ ' * 10' %}
{% set formulas = {
  'F01': forecast_parameter('P0') ~ ' * power(1 + ' ~ forecast_parameter('r') ~ ', ' ~ forecast_parameter('n') ~ ') + ' ~ forecast_parameter('P'),
  'F03': forecast_parameter('城镇人口') ~ ' / ' ~ forecast_parameter('县域总人口') ~ ' * 100',
  'F04': forecast_parameter('县域总人口') ~ ' - ' ~ forecast_parameter('城镇人口'),
  'F05': 'base_value * power(1 + ' ~ forecast_parameter('a') ~ ', ' ~ forecast_parameter('t') ~ ' - ' ~ forecast_parameter('t0') ~ ')',
  'F06': reduction_over_years,
  'F08': reduction_over_years,
  'F09': growth,
  'F10': domestic_wastewater,
  'F11': forecast_parameter('工业废水') ~ ' + ' ~ forecast_parameter('生活污水'),
  'F12': growth,
  'F13': reduction,
  'F14': reduction,
  'F15': domestic_wastewater,
  'F16': forecast_parameter('COD浓度') ~ ' * ' ~ forecast_parameter('生活污水量') ~ ' / 100',
  'F17': forecast_parameter('氨氮浓度') ~ ' * ' ~ forecast_parameter('生活污水量') ~ ' / 100',
  'F19': intensity,
  'F20': intensity ~ ' * ' ~ forecast_parameter('M'),
  'F21': forecast_parameter('GDP') ~ ' / ' ~ forecast_parameter('汇率'),
  'F22': forecast_parameter('GDP') ~ ' / 10 * ' ~ forecast_parameter('产生强度') ~ ' * ' ~ forecast_parameter('近期系数') ~ ' / 10000',
  'F23': waste_per_day,
  'F24': waste_per_day,
  'F25': forecast_parameter('城镇') ~ ' + ' ~ forecast_parameter('农村'),
  'F31': forecast_parameter('覆盖人口') ~ ' / (' ~ forecast_parameter('全县人口总数') ~ ' * 10000) * 100',
} %}
with
recomputed as (
  select
    *,
    try_cast(value_2025 as double) as printed_2025,
    case forecast_id
      {% for forecast, expression in formulas.items() %}
      when '{{ forecast }}' then {{ expression }}
      {% endfor %}
    end as recomputed_2025
  from {{ ref('plan_forecasts_printed') }}
),

-- What came of it, in the unit of the forecast (t/a is t of a year).
measured as (
  select
    forecasts.forecast_id,
    quantities.quantity,
    split_part(quantities.datasets, ';', 1) as dataset,
    amounts.year,
    amounts.value * case
      when quantities.unit = forecasts.unit then 1
      else
        cast(own.to_canonical_numerator as double) * printed.to_canonical_denominator
        / (own.to_canonical_denominator * printed.to_canonical_numerator)
    end as value
  from recomputed as forecasts
  inner join {{ ref('quantities') }} as quantities on forecasts.quantity = quantities.quantity
  inner join {{ ref('int_quantities') }} as amounts
    on quantities.quantity = amounts.quantity and amounts.area = {{ county() }}
  left join {{ ref('contract_units') }} as own on {{ names_unit('own', 'quantities.unit') }}
  left join {{ ref('contract_units') }} as printed
    on {{ names_unit('printed', "replace(forecasts.unit, '/a', '')") }} and own.dimension = printed.dimension
),

actual as (
  select
    forecast_id,
    max(value) filter (where year = {{ var('target_year') }}) as actual_2025,
    max(year) as latest_year,
    max_by(value, year) as latest_value
  from measured
  where year <= {{ var('target_year') }}
  group by forecast_id
),

compared as (
  select
    recomputed.*,
    actual.actual_2025,
    actual.latest_year,
    actual.latest_value,
    case
      when recomputed.recomputed_2025 is null then 'not_reproducible'
      when {{ differ('recomputed.recomputed_2025', 'recomputed.printed_2025', '5e-1 * ' ~ last_digit('recomputed.value_2025')) }}
        then 'differs'
      else 'agrees'
    end as agreement
  from recomputed
  left join actual on recomputed.forecast_id = actual.forecast_id
)

select
  forecast_id,
  subject_zh,
  unit,
  section,
  formula,
  parameters,
  base_year,
  base_value,
  base_unit,
  printed_2025,
  recomputed_2025,
  printed_2025 - recomputed_2025 as recomputed_difference,
  agreement,
  case agreement when 'agrees' then '相符' when 'differs' then '不符' else '无法复算' end as agreement_zh,
  quantity,
  actual_2025,
  actual_2025 - printed_2025 as actual_difference,
  100 * (actual_2025 - printed_2025) / nullif(printed_2025, 0) as actual_difference_pct,
  latest_year,
  latest_value,
  nullif(
    case agreement
      when 'differs'
        then '按所列参数重算为 ' || {{ printed('recomputed_2025') }} || '，印为 ' || value_2025 || '。'
      when 'not_reproducible' then '未给出规则或参数，无法复算。'
      else ''
    end || coalesce(note_zh, ''),
    ''
  ) as discrepancy
from compared
order by forecast_id
