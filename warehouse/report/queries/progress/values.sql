select indicator_id, year, round(value, 6) as value, basis, is_flagged
from marts.indicator_values
where area = '全县'
order by indicator_id, year
