select
  class_rank as water_class_rank,
  water_class,
  is_good,
  condition_zh,
  colour
from {{ ref('water_classes') }}
order by class_rank
