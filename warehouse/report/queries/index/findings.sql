-- Those that someone has to look at come first; what is mended is no longer one.
from marts.findings
where state <> 'mended'
order by case severity when 'critical' then 0 when 'verify' then 1 else 2 end, rule, subject
