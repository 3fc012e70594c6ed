-- The forecasts of plan A chapter 4.
select
  forecast_id, subject_zh, unit, printed_2025, recomputed_2025, agreement_zh, actual_2025, actual_difference_pct,
  latest_year, latest_value, base_year, base_value, base_unit, formula, parameters, section, discrepancy
from marts.plan_forecasts
order by forecast_id
