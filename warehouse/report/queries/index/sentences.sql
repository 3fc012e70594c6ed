-- Where the plans' text sets the targets that are no indicators of their own.
select target_id as indicator_id, section, deadline, quote
from marts.plan_targets
where is_measurable
