{# A reduction is the share by which a level fell against its comparison base. #}
with
levels as (
  select * from {{ ref('int_quantity_levels') }}
),

compared as (
  select
    quantities.quantity,
    levels.year,
    levels.area,
    bases.value - levels.value as numerator,
    bases.value as denominator,
    levels.is_flagged or bases.is_flagged as is_flagged,
    {{ joined_arrays(['levels.source_rows', 'bases.source_rows']) }} as source_rows
  from {{ ref('quantities') }} as quantities
  inner join levels on quantities.change_of = levels.quantity
  inner join levels as bases
    on
      quantities.change_of = bases.quantity
      and levels.area = bases.area
      and bases.year = case
        when quantities.comparison_base = 'previous_year' then levels.year - 1
        else cast(quantities.comparison_base as bigint)
      end
)

select
  quantity,
  year,
  area,
  value,
  basis,
  numerator,
  denominator,
  computed_value,
  reported_value,
  is_flagged,
  source_rows
from levels
union all
select
  quantity,
  year,
  area,
  100 * numerator / denominator as value,
  'computed' as basis,
  numerator,
  denominator,
  100 * numerator / denominator as computed_value,
  cast(null as double) as reported_value,
  is_flagged,
  source_rows
from compared
where denominator > 0
