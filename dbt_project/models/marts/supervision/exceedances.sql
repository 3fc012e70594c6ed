with
build as ({{ county_now() }}),

numbers as ({{ supervision_numbers(['case_link', 'serious_multiple']) }}),

holders as (
  select
    upper(permit_number) as permit_number,
    max_by(unit_name, decided_on) as unit_name
  from {{ ref('stg_discharge_permits') }}
  group by upper(permit_number)
),

days as (
  select
    exceeded.*,
    coalesce(holders.unit_name, exceeded.object) as unit_name,
    departments.department,
    md5(
      'reading_exceeded|' || departments.department || '|'
      || {{ reading_alert_object('exceeded') }} || '|' || cast(exceeded.day as string)
    ) as alert_id
  from {{ ref('int_exceeded_days') }} as exceeded
  inner join (
    select dataset, split_part(departments_allowed, ';', 1) as department from {{ ref('contract_datasets') }}
  ) as departments on exceeded.dataset = departments.dataset
  left join holders on exceeded.permit_number = holders.permit_number
),

items as (
  select *
  from {{ ref('ledger_items') }}
  where dataset = 'supervision_items'
),

cases as (
  select
    days.dataset,
    days.object,
    days.point,
    days.item,
    days.day,
    items.item_id,
    items.opened_at,
    items.answered_at,
    items.closed_on,
    items.status,
    items.status_zh,
    row_number() over (
      partition by days.dataset, days.object, days.point, days.item, days.day
      order by case when items.alert_id = days.alert_id then 0 else 1 end, items.opened_at, items.item_id
    ) as choice
  from days
  cross join numbers
  inner join items
    on
      items.alert_id = days.alert_id
      or (
        items.ledger = '超标排放处置'
        and case
          when items.permit_number is not null and days.permit_number is not null
            then items.permit_number = days.permit_number
          else {{ folded('items.object') }} in ({{ folded('days.object') }}, {{ folded('days.unit_name') }})
        end
        and cast(items.opened_at as date) between days.day and {{ days_after('days.day', 'numbers.case_link') }}
      )
),

checks as (
  select
    days.dataset,
    days.object,
    days.point,
    days.item,
    days.day,
    min(visits.visited_on) as checked_on
  from days
  cross join build
  left join cases
    on
      days.dataset = cases.dataset
      and days.object = cases.object
      and days.point is not distinct from cases.point
      and days.item is not distinct from cases.item
      and days.day = cases.day
      and cases.choice = 1
  inner join {{ ref('int_visits') }} as visits
    on
      visits.visit_kind = '超标现场核查'
      and case
        when days.permit_number is not null and visits.permit_number is not null
          then days.permit_number = visits.permit_number
        else {{ folded('visits.object') }} in ({{ folded('days.object') }}, {{ folded('days.unit_name') }})
      end
      and visits.visited_on between days.day and coalesce(cases.closed_on, build.today)
  group by days.dataset, days.object, days.point, days.item, days.day
)

select
  days.alert_id,
  days.dataset,
  days.network,
  days.object,
  days.unit_name,
  days.permit_number,
  days.point,
  days.item,
  days.township,
  days.day,
  cast(days.hours_exceeded as bigint) as hours_exceeded,
  days.max_value,
  days.limit_value,
  days.unit,
  days.largest_multiple,
  coalesce(round(days.largest_multiple - numbers.serious_multiple, 9) >= 0, false) as is_serious,
  cases.item_id as case_item_id,
  coalesce(checks.checked_on, cast(cases.answered_at as date)) as checked_on,
  coalesce(cases.status, 'none') as case_status,
  coalesce(cases.status_zh, '未立案') as case_status_zh,
  cast({{ days_between('days.day', 'coalesce(cast(cases.opened_at as date), build.today)') }} as bigint) as days_without_case,
  days.is_flagged
from days
cross join build
cross join numbers
left join cases
  on
    days.dataset = cases.dataset
    and days.object = cases.object
    and days.point is not distinct from cases.point
    and days.item is not distinct from cases.item
    and days.day = cases.day
    and cases.choice = 1
left join checks
  on
    days.dataset = checks.dataset
    and days.object = checks.object
    and days.point is not distinct from checks.point
    and days.item is not distinct from checks.item
    and days.day = checks.day
order by days.day, days.dataset, days.object, days.point, days.item
