{# Visits: objects that no register holds, problems that no ledger took up within a week. #}
with
build as ({{ county_now() }}),

registered as (
  select distinct {{ folded('object') }} as folded_object, permit_number
  from {{ ref('int_register_rows') }}
),

names as (select distinct folded_object from registered),

permits as (select distinct permit_number from registered where permit_number is not null),

visits as (
  select * from {{ ref('int_visits') }}
  where source_row is not null
),

items as (
  select permit_number, {{ folded('object') }} as folded_object, cast(opened_at as date) as opened_on
  from {{ ref('int_ledger_rows') }}
  where dataset = 'supervision_items'
),

listed as (
  select distinct visits.dataset, visits.visit_id
  from visits
  inner join items
    on
      (visits.permit_number = items.permit_number or {{ folded('visits.object') }} = items.folded_object)
      and items.opened_on between visits.visited_on and {{ days_after('visits.visited_on', 7) }}
),

cases as (
  select
    'visit_object_unknown' as rule,
    visits.dataset,
    visits.visit_kind || ' ' || coalesce(visits.object, visits.permit_number) as subject,
    cast(null as bigint) as year,
    max(visits.township) as area,
    max(visits.source_row) as source_row,
    '检查对象在名录中' as expected,
    coalesce(visits.object, visits.permit_number) || ' 不在任何名录中' as observed
  from visits
  left join names on {{ folded('visits.object') }} = names.folded_object
  left join permits on visits.permit_number = permits.permit_number
  where names.folded_object is null and permits.permit_number is null
  group by visits.dataset, visits.visit_kind, coalesce(visits.object, visits.permit_number)
  union all
  select
    'visit_problem_unlisted' as rule,
    visits.dataset,
    visits.visit_id as subject,
    extract(year from visits.visited_on) as year,
    visits.township as area,
    visits.source_row,
    '发现的问题7日内列入监管问题台账' as expected,
    cast(visits.visited_on as string) || ' ' || visits.visit_kind || ' ' || visits.object || ' 发现 ' || cast(visits.problems as string)
    || ' 个问题，未见台账' as observed
  from visits
  cross join build
  left join listed on visits.dataset = listed.dataset and visits.visit_id = listed.visit_id
  where
    visits.problems > 0
    and not visits.counts_settled
    and listed.visit_id is null
    and {{ days_after('visits.visited_on', 7) }} < build.today
)

{{ findings_of_cases('cases') }}
