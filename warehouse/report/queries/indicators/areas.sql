select indicator_id, year, area, round(value, 6) as value, is_flagged
from marts.indicator_values
where area <> '全县'
order by indicator_id, year, area
