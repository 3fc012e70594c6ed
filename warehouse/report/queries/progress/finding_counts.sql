-- Numbers of open findings of an indicator.
select indicator_id, count(*) as findings
from (
  select trim(unnest(string_split(indicator_ids, ';'))) as indicator_id
  from marts.findings
  where state <> 'mended' and severity <> 'notice'
)
group by indicator_id
order by indicator_id
