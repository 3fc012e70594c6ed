select indicator_id, year, round(milestone_value, 6) as milestone_value, progress_pct, status_zh, status
from marts.indicator_annual
order by indicator_id, year
