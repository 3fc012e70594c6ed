-- What changed in an indicator since the publication before.
select indicator_id, column_name, old_value, new_value
from marts.publication_changes
where table_name = 'indicator_progress' and change = 'value_changed'
order by indicator_id, column_name
