select indicator_id, year, area, is_township, round(value, 6) as value, round(county_value, 6) as county_value, best_rank
from marts.township_indicators
order by indicator_id, year, best_rank, area
