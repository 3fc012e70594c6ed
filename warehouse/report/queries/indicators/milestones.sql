select indicator_id, year, round(milestone_value, 6) as milestone_value, progress_pct, status_zh, status
from marts.indicator_annual
where year > 2020 -- where the line starts is in indicator_progress
order by indicator_id, year
