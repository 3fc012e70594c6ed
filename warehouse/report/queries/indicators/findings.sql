-- The open findings, the most severe first.
from marts.findings
where state <> 'mended'
order by case severity when 'critical' then 0 when 'verify' then 1 else 2 end, rule, subject
