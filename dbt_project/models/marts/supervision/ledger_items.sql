{% set statuses = {
  'open': '整改中', 'due_soon': '临期', 'overdue': '逾期未完成', 'done_not_closed': '已完成待销号',
  'closed': '已销号', 'closed_late': '逾期销号', 'no_deadline': '未定期限', 'not_listed': '未挂账',
} %}
with
build as ({{ county_now() }}),

numbers as (
  {{ supervision_numbers(['due_soon_days', 'event_report_hours', 'event_report_hours_major']) }}
),

delivered as (
  select
    items.*,
    deadlines.deadline,
    deadlines.deadline_basis,
    coalesce(items.closed_on <= build.today, false) as is_closed,
    coalesce(items.completed_on <= build.today, false) as is_completed,
    case
      when items.completed_on <= build.today then items.completed_on
      when items.closed_on <= build.today then items.closed_on
    end as settled_on
  from {{ ref('int_ledger_rows') }} as items
  cross join build
  inner join {{ ref('int_ledger_deadlines') }} as deadlines
    on items.dataset = deadlines.dataset and items.item_id = deadlines.item_id
  where not items.is_expected_item
),

judged as (
  select
    delivered.*,
    case
      when delivered.opened_at is not null
        then {{ hours_between('delivered.opened_at', 'coalesce(delivered.answered_at, build.now)') }}
    end as answer_hours,
    case
      when delivered.ledger = '突发环境事件' and delivered.severity in ('重大', '特别重大')
        then numbers.event_report_hours_major
      when delivered.ledger = '突发环境事件' then numbers.event_report_hours
    end as answer_hours_allowed,
    case
      when delivered.ledger = '空气质量预报' then null
      when delivered.is_closed and delivered.settled_on > delivered.deadline then 'closed_late'
      when delivered.is_closed then 'closed'
      when delivered.is_completed then 'done_not_closed'
      when delivered.deadline < build.today then 'overdue'
      when delivered.deadline <= {{ days_after('build.today', 'numbers.due_soon_days') }} then 'due_soon'
      when delivered.deadline is not null then 'open'
      else 'no_deadline'
    end as status,
    case
      when delivered.opened_at is not null
        then greatest({{ days_between('cast(delivered.opened_at as date)', 'case when delivered.is_closed then delivered.closed_on else build.today end') }}, 0)
    end as days_open,
    case
      when delivered.deadline is not null
        then greatest({{ days_between('delivered.deadline', 'coalesce(delivered.settled_on, build.today)') }}, 0)
    end as days_overdue
  from delivered
  cross join build
  cross join numbers
),

unlisted as (
  select
    dataset,
    item_id,
    ledger,
    object,
    permit_number,
    township,
    problem,
    opened_at,
    cast(null as date) as deadline,
    'none' as deadline_basis,
    responsible_unit,
    responsible_person,
    details_zh,
    is_flagged
  from {{ ref('int_unlisted_items') }}
  union all
  select
    'disclosures' as dataset,
    unit_name || '·' || matter || '·' || cast(year as string) || '·全年' as item_id,
    '企事业单位' as ledger,
    unit_name as object,
    upper(permit_number) as permit_number,
    township,
    matter as problem,
    cast(make_date(cast(year as int), 12, 31) as timestamp) as opened_at,
    deadline,
    'rule' as deadline_basis,
    cast(null as string) as responsible_unit,
    cast(null as string) as responsible_person,
    cast(null as string) as details_zh,
    is_flagged
  from {{ ref('int_undisclosed_matters') }}
),

all_items as (
  select
    item_id,
    dataset,
    ledger,
    source,
    object,
    permit_number,
    township,
    zone_code,
    problem,
    severity,
    opened_at,
    answered_at,
    answer_hours,
    answer_hours > answer_hours_allowed as is_answered_late,
    deadline,
    deadline_basis,
    approved_on,
    completed_on,
    closed_on,
    evidence,
    release_id,
    responsible_unit,
    responsible_person,
    status,
    days_open,
    days_overdue,
    value,
    is_compliant,
    details_zh,
    alert_id,
    is_flagged
  from judged
  union all
  select
    unlisted.item_id,
    unlisted.dataset,
    unlisted.ledger,
    cast(null as string) as source,
    unlisted.object,
    unlisted.permit_number,
    unlisted.township,
    cast(null as string) as zone_code,
    unlisted.problem,
    cast(null as string) as severity,
    unlisted.opened_at,
    cast(null as timestamp) as answered_at,
    cast(null as double) as answer_hours,
    cast(null as boolean) as is_answered_late,
    unlisted.deadline,
    unlisted.deadline_basis,
    cast(null as date) as approved_on,
    cast(null as date) as completed_on,
    cast(null as date) as closed_on,
    cast(null as string) as evidence,
    cast(null as string) as release_id,
    unlisted.responsible_unit,
    unlisted.responsible_person,
    'not_listed' as status,
    {{ days_between('cast(unlisted.opened_at as date)', 'build.today') }} as days_open,
    case
      when unlisted.deadline is not null
        then greatest({{ days_between('unlisted.deadline', 'build.today') }}, 0)
    end as days_overdue,
    cast(null as double) as value,
    cast(null as boolean) as is_compliant,
    unlisted.details_zh,
    cast(null as string) as alert_id,
    unlisted.is_flagged
  from unlisted
  cross join build
)

select
  item_id,
  dataset,
  ledger,
  source,
  object,
  permit_number,
  township,
  zone_code,
  problem,
  severity,
  opened_at,
  answered_at,
  cast(answer_hours as double) as answer_hours,
  is_answered_late,
  deadline,
  deadline_basis,
  approved_on,
  completed_on,
  closed_on,
  evidence,
  release_id,
  responsible_unit,
  responsible_person,
  status,
  {{ titled('status', statuses) }} as status_zh,
  cast(days_open as bigint) as days_open,
  cast(days_overdue as bigint) as days_overdue,
  value,
  is_compliant,
  details_zh,
  alert_id,
  is_flagged
from all_items
order by dataset, item_id
