-- Those that someone has to look at come first.
from marts.findings
order by case severity when 'critical' then 0 when 'warning' then 1 else 2 end, rule, subject
