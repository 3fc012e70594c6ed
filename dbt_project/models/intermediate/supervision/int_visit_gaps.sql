{# When an object should have been visited and was not, until the visit that ended it. Points and classes of leak
   tests, and sensors (whose silence is an alert of its own), are judged as they stand today. #}
with
build as ({{ county_now() }}),

objects as (select * from {{ ref('int_visit_objects') }}),

visits as (
  select visit_kind, object, kind_of_visit, point, visited_on
  from {{ ref('int_object_visits') }}
  where is_due
),

coverage as (
  select visit_kind, object, required_basis, due_on, last_visited_on, is_flagged
  from {{ ref('visit_coverage') }}
  where required_basis = 'threshold' and status in ('missed', 'never')
),

{# An entry in the register sets the first term. #}
terms as (
  select
    visits.visit_kind,
    visits.object,
    visits.visited_on,
    visits.visited_on as was_visited_on,
    {{ after_interval(
      'visits.visited_on',
      'case when visits.kind_of_visit <> visits.visit_kind then coalesce(objects.also_count, objects.interval_count) else objects.interval_count end',
      'case when visits.kind_of_visit <> visits.visit_kind then coalesce(objects.also_unit, objects.interval_unit) else objects.interval_unit end'
    ) }} as due_on
  from visits
  inner join objects on visits.visit_kind = objects.visit_kind and visits.object = objects.object
  where
    objects.visits_per_month is null
    and objects.interval_count is not null
    and visits.point is null
    and visits.visit_kind <> '自动监测'
  union all
  select
    visit_kind,
    object,
    entered_on as visited_on,
    cast(null as date) as was_visited_on,
    {{ after_interval('entered_on', 'interval_count', 'interval_unit') }} as due_on
  from objects
  where visits_per_month is null and interval_count is not null and visit_kind <> '自动监测'
),

in_order as (
  select
    terms.visit_kind,
    terms.object,
    terms.visited_on,
    max(terms.was_visited_on) over earlier as last_visited_on,
    max(terms.due_on) over earlier as due_on,
    lead(terms.visited_on) over (partition by terms.visit_kind, terms.object order by terms.visited_on) as next_visited_on,
    lead(terms.was_visited_on) over (partition by terms.visit_kind, terms.object order by terms.visited_on) as next_visit
  from terms
  window earlier as (
    partition by terms.visit_kind, terms.object order by terms.visited_on rows between unbounded preceding and current row
  )
),

months as (
  select
    objects.visit_kind,
    objects.object,
    objects.visits_per_month,
    {{ months_after("cast(date_trunc('month', objects.version_from) as date)", 'numbers.number') }} as month_start
  from objects
  inner join ({{ whole_numbers(600) }}) as numbers
    on objects.visits_per_month > 0
  cross join build
  where
    {{ months_after("cast(date_trunc('month', objects.version_from) as date)", 'numbers.number') }} >= objects.version_from
    and {{ months_after("cast(date_trunc('month', objects.version_from) as date)", 'numbers.number') }}
    < cast(date_trunc('month', build.today) as date)
),

counted as (
  select
    months.visit_kind,
    months.object,
    months.month_start,
    months.visits_per_month,
    count(case when visits.visited_on between months.month_start and last_day(months.month_start) then 1 end) as visits,
    max(case when visits.visited_on <= last_day(months.month_start) then visits.visited_on end) as last_visited_on,
    min(case when visits.visited_on > last_day(months.month_start) then visits.visited_on end) as ended_on
  from months
  left join visits on months.visit_kind = visits.visit_kind and months.object = visits.object
  group by months.visit_kind, months.object, months.month_start, months.visits_per_month
)

select
  visit_kind,
  object,
  due_on,
  {{ days_after('due_on', '1') }} as day,
  last_visited_on,
  next_visited_on as ended_on
from in_order
where next_visited_on > due_on and next_visit is not null
union all
select
  visit_kind,
  object,
  last_day(min(month_start)) as due_on,
  {{ days_after('last_day(min(month_start))', '1') }} as day,
  min(last_visited_on) as last_visited_on,
  ended_on
from counted
where visits < visits_per_month
group by visit_kind, object, ended_on
union all
select
  coverage.visit_kind,
  coverage.object,
  coalesce(coverage.due_on, {{ after_interval('objects.entered_on', 'objects.interval_count', 'objects.interval_unit') }}) as due_on,
  {{ days_after(
    'coalesce(coverage.due_on, ' ~ after_interval('objects.entered_on', 'objects.interval_count', 'objects.interval_unit') ~ ')', '1'
  ) }} as day,
  coverage.last_visited_on,
  cast(null as date) as ended_on
from coverage
inner join objects on coverage.visit_kind = objects.visit_kind and coverage.object = objects.object
