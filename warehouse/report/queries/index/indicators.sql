-- Every indicator and where it stands; the plans' own before the targets of their text.
from marts.indicator_progress
order by nature is null, plan, seq, indicator_id
