{# Of one kind of visit every point and class must be visited in time; of several kinds one that counts is enough. #}
with
numbers as ({{ supervision_numbers(['ldar_moving_months']) }}),

latest as (
  select
    objects.visit_kind,
    objects.object,
    visits.kind_of_visit,
    visits.point,
    visits.visit_class,
    case
      when visits.visit_class = '动密封点' then numbers.ldar_moving_months
      when visits.kind_of_visit <> objects.visit_kind then coalesce(objects.also_count, objects.interval_count)
      else objects.interval_count
    end as interval_count,
    case
      when visits.kind_of_visit <> objects.visit_kind then coalesce(objects.also_unit, objects.interval_unit)
      else objects.interval_unit
    end as interval_unit,
    max(visits.visited_on) as last_visited_on
  from {{ ref('int_visit_objects') }} as objects
  cross join numbers
  inner join {{ ref('int_object_visits') }} as visits
    on objects.visit_kind = visits.visit_kind and objects.object = visits.object and visits.is_due
  where objects.interval_count is not null
  group by all
),

{# A round of all points takes the place of earlier rounds of its parts, later rounds of both parts that of an earlier
   round of all. #}
kept as (
  select latest.*
  from latest
  left join (
    select
      visit_kind,
      object,
      kind_of_visit,
      point,
      max(case when visit_class like '全部%' then last_visited_on end) as all_on,
      case
        when count(case when visit_class not like '全部%' then 1 end) > 1
          then min(case when visit_class not like '全部%' then last_visited_on end)
      end as both_on
    from latest
    group by visit_kind, object, kind_of_visit, point
  ) as points
    on
      latest.visit_kind = points.visit_kind
      and latest.object = points.object
      and latest.kind_of_visit = points.kind_of_visit
      and latest.point is not distinct from points.point
  where
    points.all_on is null
    or latest.visit_class is null
    or (latest.visit_class like '全部%' and coalesce(points.both_on, date '0001-01-01') <= points.all_on)
    or (latest.visit_class not like '全部%' and latest.last_visited_on > points.all_on)
),

due as (
  select
    kept.*,
    {{ after_interval('last_visited_on', 'interval_count', 'interval_unit') }} as due_on
  from kept
),

soon as (
  select
    due.*,
    case
      when interval_unit = '月' and interval_count % 12 = 0 then {{ months_after('due_on', '-interval_count / 12') }}
      when interval_unit = '月' then {{ days_after('due_on', '-floor(interval_count * 30 / 12e0)') }}
      when interval_unit = '小时' then due_on
      else {{ days_after('due_on', '-floor(interval_count / 12e0)') }}
    end as soon_from
  from due
),

kinds as (
  select
    visit_kind,
    object,
    kind_of_visit,
    min(due_on) as due_on,
    min(soon_from) as soon_from
  from soon
  group by visit_kind, object, kind_of_visit
)

select
  visit_kind,
  object,
  max(due_on) as due_on,
  max(soon_from) as soon_from
from kinds
group by visit_kind, object
