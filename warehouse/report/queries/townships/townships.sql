select indicator_id, year, area, is_township, value, county_value, best_rank
from marts.township_indicators
order by indicator_id, year, best_rank, area
