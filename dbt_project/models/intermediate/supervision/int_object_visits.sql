with
build as ({{ county_now() }}),

matched as (
  select
    objects.visit_kind,
    objects.object,
    visits.*
  from {{ ref('int_visit_objects') }} as objects
  inner join (
    select
      visit_id,
      visit_kind as kind_of_visit,
      object as visited_object,
      permit_number,
      point,
      visit_class,
      visited_on,
      inspector,
      size,
      problems,
      settled_problems,
      decision,
      penalty_amount,
      disclosed_on,
      is_mobile,
      is_flagged
    from {{ ref('int_visits') }}
    cross join build
    where visited_on <= build.today
  ) as visits
    on
      (objects.visit_kind = visits.kind_of_visit or coalesce({{ holds('objects.also_counts', 'visits.kind_of_visit') }}, false))
      and case
        when objects.permit_number is not null and visits.permit_number is not null
          then objects.permit_number = visits.permit_number
        else {{ folded('objects.object') }} = {{ folded('visits.visited_object') }}
      end
      and (visits.kind_of_visit <> '自动监测' or objects.reading_network = visits.visit_class)
)

select *, true as is_due from matched
union all
select
  visits.visit_kind,
  coalesce(visits.object, visits.permit_number) as object,
  visits.visit_id,
  visits.visit_kind as kind_of_visit,
  visits.object as visited_object,
  visits.permit_number,
  visits.point,
  visits.visit_class,
  visits.visited_on,
  visits.inspector,
  visits.size,
  visits.problems,
  visits.settled_problems,
  visits.decision,
  visits.penalty_amount,
  visits.disclosed_on,
  visits.is_mobile,
  visits.is_flagged,
  false as is_due
from {{ ref('int_visits') }} as visits
left join matched on visits.visit_id = matched.visit_id and visits.visit_kind = matched.visit_kind
cross join build
where matched.visit_id is null and visits.visit_kind <> '自动监测' and visits.visited_on <= build.today
