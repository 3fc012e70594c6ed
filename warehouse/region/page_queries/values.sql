select
  county_code, indicator_id, kind, name_zh, unit, direction, latest_year, latest_value, target_in_force, status, status_zh
from marts.indicator_progress
order by county_code, indicator_id
