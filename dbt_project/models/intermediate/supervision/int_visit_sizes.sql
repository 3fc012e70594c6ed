{# Of each installation the latest round of every class; a round of all points replaces none of its parts, the
   larger of both counts. #}
with
rounds as (
  select
    visit_kind,
    coalesce(permit_number, {{ folded('object') }}) as visited,
    permit_number,
    {{ folded('object') }} as folded_object,
    point,
    visit_class,
    size,
    row_number() over (
      partition by visit_kind, coalesce(permit_number, {{ folded('object') }}), point, visit_class
      order by visited_on desc, visit_id desc
    ) as newest
  from {{ ref('int_visits') }}
  where size is not null
),

installations as (
  select
    visit_kind,
    visited,
    point,
    max(permit_number) as permit_number,
    max(folded_object) as folded_object,
    greatest(
      coalesce(sum(case when visit_class like '全部%' then size end), 0e0),
      coalesce(sum(case when coalesce(visit_class, '') not like '全部%' then size end), 0e0)
    ) as size
  from rounds
  where newest = 1
  group by visit_kind, visited, point
)

select
  visit_kind,
  max(permit_number) as permit_number,
  max(folded_object) as folded_object,
  sum(size) as size
from installations
group by visit_kind, visited
