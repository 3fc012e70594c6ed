-- The latest version of each permit and the numbers that no permit holds; those without a valid permit first.
select
  * exclude (permit_state, version_to, is_current)
from marts.fixed_sources
where is_current
order by
  case permit_state when 'unlisted' then 0 when 'expired' then 1 when 'expiring' then 2 when 'ended' then 3 when 'valid' then 4 else 5 end,
  days_to_expiry, unit_name, permit_number
