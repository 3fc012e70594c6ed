{# Quotas: units of another dimension, rights sold twice over, several documents for one cap. #}
with
units as (select unit, aliases, dimension from {{ ref('contract_units') }}),

items as (
  select control_item, unit
  from {{ ref('quota_items') }}
  union all
  select indicator_id as control_item, unit
  from {{ ref('int_indicators') }}
),

issues as (
  select
    issues.*,
    concat_ws(' ', cast(issues.year as string), issues.control_item, issues.object_level, issues.object_name) as cap,
    row_number() over (
      partition by issues.year, issues.control_item, issues.object_level, issues.object_name
      order by issues.issued_on desc, issues.received_at desc
    ) as newest
  from {{ ref('stg_quota_allocations') }} as issues
  cross join ({{ county_now() }}) as build
  where issues.issued_on <= build.today
),

cases as (
  select
    'quota_unit' as rule,
    'quota_allocations' as dataset,
    issues.cap || ' ' || cast(issues.issued_on as string) as subject,
    issues.year,
    cast(null as string) as area,
    issues.source_row,
    '单位与 ' || items.unit || ' 同类' as expected,
    issues.unit as observed
  from issues
  inner join items on issues.control_item = items.control_item
  left join units as given on {{ names_unit('given', "replace(replace(issues.unit, '/年', ''), '/a', '')") }}
  inner join units as wanted on items.unit = wanted.unit
  where given.dimension is distinct from wanted.dimension
  union all
  select
    'targets_differ' as rule,
    'quota_allocations' as dataset,
    earlier.cap || ' ' || coalesce(earlier.document_no, cast(earlier.issued_on as string)) as subject,
    earlier.year,
    cast(null as string) as area,
    earlier.source_row,
    coalesce(latest.document_no || ' ', '') || cast(latest.issued_on as string) || ' 下达 ' || {{ plain_number('latest.quantity', 4) }}
    || ' ' || latest.unit || '（现行）' as expected,
    coalesce(earlier.document_no || ' ', '') || cast(earlier.issued_on as string) || ' 下达 ' || {{ plain_number('earlier.quantity', 4) }}
    || ' ' || earlier.unit as observed
  from issues as earlier
  inner join issues as latest on earlier.cap = latest.cap and latest.newest = 1
  where earlier.newest > 1 and (earlier.quantity <> latest.quantity or earlier.unit <> latest.unit)
  union all
  select
    'trade_oversold' as rule,
    'discharge_right_trades' as dataset,
    concat_ws(' ', cast(year as string), control_item, object) as subject,
    year,
    cast(null as string) as area,
    cast(null as string) as source_row,
    '出让量不超过 ' || {{ plain_number('cap + trades_in', 4) }} || ' ' || unit as expected,
    '出让 ' || {{ plain_number('trades_out', 4) }} || ' ' || unit as observed
  from {{ ref('quota_balances') }}
  where {{ at_least('-available', '0') }} and available < 0 and trades_out > 0
)

{{ findings_of_cases('cases') }}
