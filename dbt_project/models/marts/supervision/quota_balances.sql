{% set kinds = {
  'emission': '总量', 'water': '用水', 'leakage': '漏损', 'energy': '能耗', 'carbon': '碳排放', 'task': '任务', 'funds': '资金',
  'measures': '措施',
} %}
{% set statuses = {
  'within': '未超', 'near': '接近上限', 'exceeded': '超出', 'met': '完成', 'unmet': '未完成', 'no_use': '无使用数据', 'no_quota': '无指标',
} %}
{% set parts_statuses = {
  'adds_up': '分解一致', 'parts_exceed': '分解超总量', 'parts_short': '分解不足', 'not_broken_down': '未分解',
} %}
with
numbers as (
  {{ supervision_numbers(['quota_near', 'leakage_rate', 'water_critical', 'water_overloaded', 'water_badly_overloaded', 'funds_gap']) }}
),

measured as (
  select
    quotas.*,
    quotas.cap + coalesce(quotas.trades_in, 0e0) - coalesce(quotas.trades_out, 0e0) as available
  from {{ ref('int_quota_rows') }} as quotas
),

compared as (
  select
    measured.*,
    available - used as remaining,
    case
      when kind = 'leakage' then 100e0 * used / nullif(supplied, 0)
      else 100e0 * used / nullif(available, 0)
    end as use_pct
  from measured
),

judged as (
  select
    compared.*,
    case
      when compared.kind = 'leakage' and compared.use_pct is null then 'no_use'
      when compared.kind = 'leakage' and numbers.leakage_rate is null then 'no_quota'
      when compared.kind = 'leakage' and round(compared.use_pct - numbers.leakage_rate, 9) > 0 then 'exceeded'
      when compared.kind = 'leakage' then 'within'
      when compared.available is null then 'no_quota'
      when compared.kind = 'funds' and numbers.funds_gap is null then 'no_quota'
      when compared.kind = 'funds' and compared.in_place is null then 'no_use'
      when compared.kind = 'funds' and round(100e0 * compared.in_place - numbers.funds_gap * compared.cap, 9) >= 0 then 'met'
      when compared.kind = 'funds' then 'unmet'
      when compared.comparator = '≤' and round(compared.available, 9) < 0 then 'exceeded'
      when compared.used is null then 'no_use'
      when compared.comparator = '≥' and round(compared.used - compared.available, 9) >= 0 then 'met'
      when compared.comparator = '=' and round(abs(compared.used - compared.available), 9) = 0 then 'met'
      when compared.comparator in ('≥', '=') then 'unmet'
      when round(compared.used - compared.available, 9) > 0 then 'exceeded'
      when round(compared.use_pct - numbers.quota_near, 9) >= 0 then 'near'
      else 'within'
    end as status,
    case
      when
        compared.control_item not in ('用水总量', '地下水取水量')
        or compared.used is null
        or compared.cap is null
        or numbers.water_critical + numbers.water_overloaded + numbers.water_badly_overloaded is null
        then null
      when round(compared.used - numbers.water_critical * compared.cap, 9) < 0 then '不超载'
      when round(compared.used - numbers.water_overloaded * compared.cap, 9) < 0 then '临界'
      when round(compared.used - numbers.water_badly_overloaded * compared.cap, 9) < 0 then '超载'
      else '严重超载'
    end as warning_level
  from compared
  cross join numbers
)

select
  judged.kind,
  {{ titled('judged.kind', kinds) }} as kind_zh,
  judged.control_item,
  judged.year,
  judged.month,
  coalesce(judged.month, {{ first_of_year('judged.year') }}) as period_start,
  judged.object_level,
  judged.object,
  judged.permit_number,
  judged.township,
  judged.cap,
  judged.cap_basis,
  judged.comparator,
  judged.trades_in,
  judged.trades_out,
  judged.available,
  judged.in_place,
  judged.used,
  judged.used_basis,
  judged.used_declared,
  judged.remaining,
  judged.use_pct,
  judged.unit,
  cast(parts.parts as bigint) as parts,
  parts.parts_sum,
  judged.cap - parts.parts_sum as parts_gap,
  judged.status,
  {{ titled('judged.status', statuses) }} as status_zh,
  case
    when judged.object_level = '全县' and judged.cap_basis in ('allocated', 'target')
      then coalesce(parts.parts_status, 'not_broken_down')
  end as parts_status,
  case
    when judged.object_level = '全县' and judged.cap_basis in ('allocated', 'target')
      then {{ titled("coalesce(parts.parts_status, 'not_broken_down')", parts_statuses) }}
  end as parts_status_zh,
  judged.warning_level,
  judged.document_no,
  judged.is_flagged
from judged
left join {{ ref('int_quota_parts') }} as parts
  on
    judged.object_level = '全县'
    and judged.kind = parts.kind
    and judged.control_item = parts.control_item
    and judged.year = parts.year
    and parts.choice = 1
order by judged.kind, judged.control_item, judged.year, judged.month, judged.object_level, judged.object
