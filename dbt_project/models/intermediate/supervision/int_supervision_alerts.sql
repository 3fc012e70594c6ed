{# Alerts of supervision, each on the day on which it began; `has_end` says whether it lasts until something ends it. #}
{% set kinds = {
  'permit': '排污许可',
  'register_breach': '名录违规',
  'ledger_overdue': '台账逾期',
  'event_late': '事件迟报',
  'reading_exceeded': '监测超标',
  'reading_silent': '监测中断',
  'case_missing': '超标未立案',
  'quota_exceeded': '指标超出',
  'movement_open': '流转未接收',
  'movement_differs': '流转数量不符',
  'visit_missed': '未按期检查',
} %}
with
build as ({{ county_now() }}),

numbers as (
  {{ supervision_numbers(['permit_expiring_days', 'boiler_capacity', 'case_days', 'event_report_hours', 'event_report_hours_major']) }}
),

permit_ends as (
  select
    versions.*,
    {{ days_after('versions.valid_to', '-numbers.permit_expiring_days') }} as warned_on,
    {{ days_after('versions.valid_to', '1') }} as expired_on
  from {{ ref('int_permit_versions') }} as versions
  cross join numbers
  where
    versions.valid_to is not null
    and versions.event not in ('注销', '撤销', '吊销')
    and versions.management_level <> '登记管理'
),

permit as (
  select
    'discharge_permits' as dataset,
    permit_number as object,
    'expiring ' || cast(valid_to as string) as period,
    warned_on as day,
    false as is_serious,
    cast(null as double) as magnitude,
    '有效期至 ' || cast(valid_to as string) as expected_zh,
    unit_name || ' 尚未延续' as observed_zh,
    next_version as ended_on,
    is_flagged
  from permit_ends
  where warned_on >= version_from and (next_version is null or next_version > warned_on)
  union all
  select
    'discharge_permits' as dataset,
    permit_number as object,
    'expired ' || cast(valid_to as string) as period,
    expired_on as day,
    true as is_serious,
    cast(null as double) as magnitude,
    '有效期至 ' || cast(valid_to as string) as expected_zh,
    unit_name || ' 到期未延续' as observed_zh,
    next_version as ended_on,
    is_flagged
  from permit_ends
  where expired_on >= version_from and (next_version is null or next_version > expired_on)
),

register_breach as (
  select
    versions.register as dataset,
    versions.object as object,
    versions.entry_id || ' ' || cast(versions.version_from as string) as period,
    versions.version_from as day,
    false as is_serious,
    versions.value as magnitude,
    case
      when versions.register = 'soil_plots' then '风险管控和修复完成前不得开工建设'
      when versions.is_compliant = false then '检测合格后方可使用'
      else '35蒸吨/小时及以下燃煤锅炉清零'
    end as expected_zh,
    case
      when versions.register = 'soil_plots' then '已开工，尚缺：' || versions.missing_steps_zh
      when versions.is_compliant = false then '检测不合格仍在用'
      else versions.entry_class || '锅炉 ' || {{ printed('versions.value') }} || ' t/h，' || versions.entry_status
    end as observed_zh,
    versions.next_version as ended_on,
    versions.is_flagged
  from {{ ref('int_register_versions') }} as versions
  cross join numbers
  where
    (
      versions.register = 'boilers'
      and versions.entry_class = '燃煤'
      and versions.entry_status in ('在用', '备用', '改造中')
      and round(versions.value - numbers.boiler_capacity, 9) <= 0
    )
    or (versions.register = 'boilers' and versions.is_compliant = false and versions.entry_status = '在用')
    or (
      versions.register = 'soil_plots'
      and versions.register_zh = '建设用地'
      and versions.entry_class in ('疑似污染地块', '污染地块', '风险管控中', '修复中')
      and versions.entry_status = '已开工'
      and instr(coalesce(versions.missing_steps_zh, ''), '修复') > 0
    )
  union all
  select
    'discharge_permits' as dataset,
    sources.permit_number as object,
    'soil ' || cast(sources.version_from as string) as period,
    case when sources.permit_state = 'expired' then {{ days_after('sources.valid_to', '1') }} else sources.version_from end as day,
    false as is_serious,
    cast(null as double) as magnitude,
    '土壤重点监管单位许可证注销、撤销后纳入地块管理' as expected_zh,
    sources.unit_name || ' ' || case when sources.permit_state = 'expired' then '到期未延续' else sources.event end || '，未见地块档案'
      as observed_zh,
    cast(null as date) as ended_on,
    sources.is_flagged
  from {{ ref('fixed_sources') }} as sources
  where
    sources.is_current
    and sources.permit_state in ('ended', 'expired')
    and sources.is_soil_priority
    and sources.soil_plot_code is null
),

ledger_overdue as (
  select
    dataset,
    object,
    item_id as period,
    {{ days_after('deadline', '1') }} as day,
    days_overdue > {{ var('alert_serious_days') }} as is_serious,
    cast(days_overdue as double) as magnitude,
    '应于 ' || cast(deadline as string) || ' 前完成' as expected_zh,
    coalesce(ledger || '：', '') || coalesce(problem || '，', '') || '逾期 ' || cast(days_overdue as string) || ' 天' as observed_zh,
    coalesce(completed_on, closed_on) as ended_on,
    is_flagged
  from {{ ref('ledger_items') }}
  where days_overdue > 0
),

event_late as (
  select
    items.dataset,
    items.object,
    items.item_id as period,
    cast({{ hours_after('items.opened_at', "case when items.severity in ('重大', '特别重大') then numbers.event_report_hours_major else numbers.event_report_hours end") }} as date)
      as day,
    items.severity in ('重大', '特别重大') as is_serious,
    items.answer_hours as magnitude,
    '应于规定时限内首次报告' as expected_zh,
    items.ledger || '（' || coalesce(items.severity, '级别未填') || '）首次报告用时 ' || {{ printed('items.answer_hours') }} || ' 小时' as observed_zh,
    cast(items.answered_at as date) as ended_on,
    items.is_flagged
  from {{ ref('ledger_items') }} as items
  cross join numbers
  where items.is_answered_late
),

{# One of an object, item and day, also where two datasets tell of it. #}
reading_exceeded as (
  select
    coalesce(min(case when exceeded.limit_value is not null then exceeded.dataset end), min(exceeded.dataset)) as dataset,
    {{ reading_alert_object('exceeded') }} as object,
    cast(exceeded.day as string) as period,
    exceeded.day,
    bool_or(exceeded.is_serious) as is_serious,
    max(exceeded.largest_multiple) as magnitude,
    '限值 ' || coalesce({{ printed('min(exceeded.limit_value)') }} || coalesce(' ' || max(exceeded.unit), ''), '见监测结果') as expected_zh,
    coalesce(max(exceeded.network) || '：', '') || max(exceeded.unit_name) || ' ' || coalesce({{ printed('max(exceeded.max_value)') }} || '，', '')
    || '超标 ' || cast(sum(exceeded.hours_exceeded) as string) || ' 次' as observed_zh,
    cast(null as date) as ended_on,
    bool_or(exceeded.is_flagged) as is_flagged
  from {{ ref('exceedances') }} as exceeded
  group by exceeded.alert_id, {{ reading_alert_object('exceeded') }}, exceeded.day
),

reading_silent as (
  select
    dataset,
    object,
    cast(period_start as string) as period,
    period_start as day,
    false as is_serious,
    cast(count(*) as double) as magnitude,
    '每日应有有效数据' as expected_zh,
    coalesce({{ joined_values('network') }} || '：', '') || '无有效数据：' || {{ joined_values("coalesce(point || ' ', '') || coalesce(item, '')") }} as observed_zh,
    cast(null as date) as ended_on,
    bool_or(is_flagged) as is_flagged
  from {{ ref('reading_periods') }}
  {# Stations of the air have alerts of their own. #}
  where period = 'day' and status = 'no_data' and expected_readings > 0 and dataset <> 'air_quality_hourly'
  group by dataset, object, period_start
),

case_missing as (
  select
    coalesce(min(case when exceeded.limit_value is not null then exceeded.dataset end), min(exceeded.dataset)) as dataset,
    {{ reading_alert_object('exceeded') }} as object,
    cast(exceeded.day as string) || ' 超标' as period,
    {{ days_after('exceeded.day', 'max(numbers.case_days) + 1') }} as day,
    bool_or(exceeded.is_serious) as is_serious,
    cast(min(exceeded.days_without_case) as double) as magnitude,
    '超标后及时立案核查' as expected_zh,
    coalesce(max(exceeded.network) || '：', '') || max(exceeded.unit_name) || ' ' || cast(exceeded.day as string) || ' 超标，' || cast(min(exceeded.days_without_case) as string) || ' 天未立案'
      as observed_zh,
    case when max(exceeded.case_item_id) is not null then {{ days_after('exceeded.day', 'min(exceeded.days_without_case)') }} end as ended_on,
    bool_or(exceeded.is_flagged) as is_flagged
  from {{ ref('exceedances') }} as exceeded
  cross join numbers
  group by exceeded.alert_id, {{ reading_alert_object('exceeded') }}, exceeded.day
  having min(exceeded.days_without_case) > max(numbers.case_days)
),

{# What was used by the end of each month: by the outlets of a permit, a user's meter, a township's meters. #}
monthly_uses as (
  select permit_number, item as control_item, cast(null as string) as object, period_start as month, amount / 1000e0 as used
  from {{ ref('reading_periods') }}
  where dataset = 'outlet_readings' and period = 'month' and amount is not null
  union all
  {% for control_item, object, condition in [
    ('计划用水量', 'meter_object', "true"),
    ('用水总量', 'township', "true"),
    ('用水总量', 'meter_object', "true"),
    ('地下水取水量', 'township', "water_source = '地下水'"),
    ('地下水取水量', 'meter_object', "water_source = '地下水'"),
  ] %}
  select
    {{ 'upper(abstraction_permit)' if object == 'meter_object' else 'cast(null as string)' }} as permit_number,
    '{{ control_item }}' as control_item,
    {{ object }} as object,
    month,
    metered_volume as used
  from {{ ref('stg_water_metering') }}
  where object_kind not in ('供水分区', '水厂') and {{ condition }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

months_used as (
  select
    max(permit_number) as permit_number,
    control_item,
    object,
    cast(extract(year from month) as bigint) as year,
    month,
    sum(sum(used)) over (
      partition by object_or_permit, control_item, extract(year from month) order by month
    ) as used_so_far
  from (
    select *, coalesce(object, permit_number) as object_or_permit
    from monthly_uses
  ) as monthly
  where object_or_permit is not null
  group by object_or_permit, control_item, object, extract(year from month), month
),

quota_exceeded as (
  select
    case quotas.kind
      when 'leakage' then 'water_metering' when 'emission' then 'permit_reports' when 'water' then 'water_metering'
      else 'quota_allocations'
    end as dataset,
    quotas.object || '·' || quotas.control_item as object,
    coalesce(substr(cast(quotas.month as string), 1, 7), cast(quotas.year as string)) as period,
    coalesce(last_day(quotas.month), last_day(min(months.month)), make_date(cast(quotas.year as int), 12, 31)) as day,
    false as is_serious,
    max(quotas.use_pct) as magnitude,
    coalesce('指标 ' || {{ printed('max(quotas.available)') }} || ' ' || max(quotas.unit), '漏损率不高于规定值') as expected_zh,
    coalesce('已用 ' || {{ printed('max(quotas.used)') }} || ' ' || max(quotas.unit), '')
    || coalesce('（' || {{ printed('max(quotas.use_pct)') }} || '%）', '') as observed_zh,
    cast(null as date) as ended_on,
    bool_or(quotas.is_flagged) as is_flagged
  from {{ ref('quota_balances') }} as quotas
  left join months_used as months
    on
      case
        when quotas.permit_number = months.permit_number then quotas.used_basis in ('monitored', 'metered')
        else quotas.used_basis = 'metered' and {{ folded('quotas.object') }} = {{ folded('months.object') }}
      end
      and quotas.control_item = months.control_item
      and quotas.year = months.year
      and round(months.used_so_far - quotas.available, 9) > 0
  where quotas.status = 'exceeded'
  group by quotas.kind, quotas.object, quotas.control_item, quotas.month, quotas.year
),

movement_terms as (
  select
    legs.*,
    {{ days_after('cast(legs.sent_at as date)', 'try_cast(terms.value as int)') }} as due_on
  from {{ ref('int_movement_statuses') }} as legs
  inner join {{ ref('supervision_thresholds') }} as terms on legs.term_id = terms.threshold_id
),

movement_open as (
  select
    dataset,
    movement_id as object,
    cast(cast(sent_at as date) as string) as period,
    {{ days_after('due_on', '1') }} as day,
    false as is_serious,
    cast(days_on_way as double) as magnitude,
    '应于 ' || cast(due_on as string) || ' 前确认接收' as expected_zh,
    from_place || ' → ' || to_place || '：' || material || ' ' || {{ printed('sent') }} || ' 吨未确认接收' as observed_zh,
    cast(received_at as date) as ended_on,
    is_flagged
  from movement_terms
  where
    status = 'not_received'
    or (status in ('received', 'differs') and cast(received_at as date) > due_on)
),

movement_differs as (
  select
    dataset,
    movement_id as object,
    'differs ' || cast(cast(sent_at as date) as string) as period,
    cast(coalesce(received_at, sent_at) as date) as day,
    false as is_serious,
    abs(difference_pct) as magnitude,
    '发出 ' || {{ printed('sent') }} || ' 吨' as expected_zh,
    '接收 ' || {{ printed('received') }} || ' 吨，差 ' || {{ printed('difference_pct') }} || '%' as observed_zh,
    cast(null as date) as ended_on,
    is_flagged
  from movement_terms
  where status = 'differs'
),

visit_missed as (
  select
    'inspections' as dataset,
    gaps.object,
    gaps.visit_kind || ' ' || cast(gaps.due_on as string) as period,
    gaps.day,
    false as is_serious,
    cast({{ days_between('gaps.last_visited_on', 'coalesce(gaps.ended_on, build.today)') }} as double) as magnitude,
    gaps.visit_kind || '应按期开展' as expected_zh,
    gaps.visit_kind || '：' || coalesce('此前最近一次 ' || cast(gaps.last_visited_on as string), '此前从未检查') as observed_zh,
    gaps.ended_on,
    coalesce(coverage.is_flagged, false) as is_flagged
  from {{ ref('int_visit_gaps') }} as gaps
  cross join build
  left join {{ ref('visit_coverage') }} as coverage
    on gaps.visit_kind = coverage.visit_kind and gaps.object = coverage.object
),

every_kind as (
  {% for kind, kind_zh in kinds.items() %}
  select
    '{{ kind }}' as kind,
    '{{ kind_zh }}' as kind_zh,
    {{ 'true' if kind in ('permit', 'register_breach', 'ledger_overdue', 'event_late', 'case_missing', 'movement_open', 'visit_missed') else 'false' }}
      as has_end,
    dataset,
    object,
    period,
    day,
    is_serious,
    magnitude,
    expected_zh,
    observed_zh,
    ended_on,
    is_flagged
  from {{ kind }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select every_kind.*
from every_kind
cross join build
where every_kind.day <= build.today
