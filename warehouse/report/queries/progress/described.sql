-- What is known of an indicator beyond its progress: decimals to show, definition, its twin.
select
  indicator_id, decimals, definition_zh, twin_id, twin_relation_zh, twin_note_zh, twin_difference_zh
from marts.dim_indicator
order by indicator_id
