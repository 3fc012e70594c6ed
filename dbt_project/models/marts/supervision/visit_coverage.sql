{% set statuses = {'covered': '已覆盖', 'due_soon': '临期', 'missed': '未覆盖', 'never': '从未检查', 'no_rule': '无频次要求'} %}
with
build as ({{ county_now() }}),

visits as (select * from {{ ref('int_object_visits') }}),

objects as (
  select
    visit_kind,
    object,
    object_kind,
    permit_number,
    township,
    responsible_unit,
    responsible_person,
    visits_per_month,
    interval_count,
    interval_unit,
    size,
    is_flagged
  from {{ ref('int_visit_objects') }}
  union all
  select
    unruled.visit_kind,
    unruled.object,
    cast(null as string) as object_kind,
    unruled.permit_number,
    cast(null as string) as township,
    cast(null as string) as responsible_unit,
    cast(null as string) as responsible_person,
    cast(null as double) as visits_per_month,
    cast(null as double) as interval_count,
    cast(null as string) as interval_unit,
    sizes.size,
    false as is_flagged
  from (
    select visit_kind, object, max(permit_number) as permit_number
    from visits
    where not is_due
    group by visit_kind, object
  ) as unruled
  left join {{ ref('int_visit_sizes') }} as sizes
    on
      unruled.visit_kind = sizes.visit_kind
      and coalesce(unruled.permit_number = sizes.permit_number, {{ folded('unruled.object') }} = sizes.folded_object)
),

windows as (
  select
    objects.*,
    case
      when objects.visits_per_month is not null
        then {{ months_after("cast(date_trunc('month', build.today) as date)", '-1') }}
      when objects.interval_count is not null
        then {{ after_interval('build.today', '-objects.interval_count', 'objects.interval_unit') }}
      else {{ months_after('build.today', '-12') }}
    end as period_start,
    case
      when objects.visits_per_month is not null
        then {{ days_after("cast(date_trunc('month', build.today) as date)", '-1') }}
      else build.today
    end as period_end,
    case
      when objects.visits_per_month is not null then objects.visits_per_month
      when objects.interval_count is not null then 1e0
    end as required_visits,
    case
      when objects.visits_per_month is not null then 'register'
      when objects.interval_count is not null then 'threshold'
      else 'none'
    end as required_basis
  from objects
  cross join build
),

counted as (
  select
    windows.visit_kind,
    windows.object,
    count(case when visits.visited_on between windows.period_start and windows.period_end then 1 end) as visits,
    count(case when visits.is_mobile and visits.visited_on between windows.period_start and windows.period_end then 1 end)
      as mobile_visits,
    max(visits.visited_on) as last_visited_on,
    max_by(visits.inspector, visits.visited_on) as last_inspector,
    sum(case when visits.visited_on between windows.period_start and windows.period_end then visits.problems end) as problems,
    sum(case when visits.visited_on between windows.period_start and windows.period_end then visits.settled_problems end)
      as settled_problems,
    count(case when visits.decision is not null and visits.visited_on between windows.period_start and windows.period_end then 1 end)
      as penalties,
    sum(case when visits.visited_on between windows.period_start and windows.period_end then visits.penalty_amount end)
      as penalty_amount,
    count(case when visits.decision is not null and visits.disclosed_on is null then 1 end) as undisclosed_penalties,
    coalesce(bool_or(visits.is_flagged), false) as is_flagged
  from windows
  left join visits on windows.visit_kind = visits.visit_kind and windows.object = visits.object
  group by windows.visit_kind, windows.object
),

judged as (
  select
    windows.*,
    counted.visits,
    counted.mobile_visits,
    counted.last_visited_on,
    counted.last_inspector,
    counted.problems,
    counted.settled_problems,
    counted.penalties,
    counted.penalty_amount,
    counted.undisclosed_penalties,
    counted.is_flagged as is_visit_flagged,
    rounds.due_on,
    {{ days_between('counted.last_visited_on', 'build.today') }} as days_since,
    case
      when windows.required_basis = 'none' then 'no_rule'
      when counted.last_visited_on is null then 'never'
      when windows.required_basis = 'register' and counted.visits >= windows.required_visits then 'covered'
      when windows.required_basis = 'register' then 'missed'
      when rounds.due_on < build.today then 'missed'
      when rounds.soon_from <= build.today then 'due_soon'
      else 'covered'
    end as status
  from windows
  cross join build
  inner join counted on windows.visit_kind = counted.visit_kind and windows.object = counted.object
  left join {{ ref('int_visit_rounds') }} as rounds
    on windows.visit_kind = rounds.visit_kind and windows.object = rounds.object
)

select
  visit_kind,
  object,
  object_kind,
  permit_number,
  township,
  coalesce(responsible_unit, last_inspector) as responsible_unit,
  responsible_person,
  period_start,
  period_end,
  required_visits,
  required_basis,
  cast(visits as bigint) as visits,
  cast(mobile_visits as bigint) as mobile_visits,
  last_visited_on,
  cast(days_since as bigint) as days_since,
  case when required_basis = 'threshold' then due_on end as due_on,
  cast(problems as bigint) as problems,
  cast(settled_problems as bigint) as settled_problems,
  cast(penalties as bigint) as penalties,
  penalty_amount,
  cast(undisclosed_penalties as bigint) as undisclosed_penalties,
  size,
  status,
  {{ titled('status', statuses) }} as status_zh,
  is_flagged or is_visit_flagged as is_flagged
from judged
order by visit_kind, object
