{# The change against the previous value, and the median of the earlier changes. Quantities that are
   reductions are left out: they are changes themselves. #}
with
changes as (
  select
    levels.quantity,
    levels.area,
    levels.year,
    levels.value,
    levels.previous_value,
    abs(levels.value - levels.previous_value) as change
  from (
    select
      quantities.quantity,
      quantities.area,
      quantities.year,
      quantities.value,
      lag(quantities.value) over (
        partition by quantities.quantity, quantities.area order by quantities.year
      ) as previous_value
    from {{ ref('int_quantities') }} as quantities
    inner join {{ ref('quantities') }} as formulas on quantities.quantity = formulas.quantity
    where formulas.comparison_base = 'none' and quantities.value is not null
  ) as levels
  where levels.previous_value is not null
)

select
  changes.quantity,
  changes.area,
  changes.year,
  changes.value,
  changes.previous_value,
  changes.change,
  median(earlier.change) as usual_change
from changes
inner join changes as earlier
  on
    changes.quantity = earlier.quantity
    and changes.area = earlier.area
    and changes.year > earlier.year
group by
  changes.quantity, changes.area, changes.year, changes.value, changes.previous_value, changes.change
having count(*) >= 2
