-- The sentences of the plans that set the targets of their text.
select target_id as indicator_id, section, deadline, quote
from marts.plan_targets
where is_measurable
