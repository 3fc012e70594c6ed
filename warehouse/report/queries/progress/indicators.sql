-- The status of every indicator; those of the plans' tables before the targets of their text.
from marts.indicator_progress
order by nature is null, plan, seq, indicator_id
