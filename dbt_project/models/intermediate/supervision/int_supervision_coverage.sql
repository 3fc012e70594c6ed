{# What the plans' text wants covered, at the end of each year (of this year: today), by the versions in force then. #}
with
build as ({{ county_now() }}),

numbers as (
  {{ supervision_numbers([
    'ldar_seal_points', 'ldar_months', 'radiation_visit_months', 'mine_monitoring_days', 'mine_patrol_days',
    'water_plan_users', 'boiler_capacity',
  ]) }}
),

years as (
  select supervised.year, least(supervised.last_day, build.today) as year_end
  from ({{ supervised_years() }}) as supervised
  cross join build
  where supervised.first_day <= build.today
),

entries as (
  select
    entries.*,
    years.year,
    years.year_end
  from {{ ref('int_register_versions') }} as entries
  inner join years
    on
      entries.version_from <= years.year_end
      and (entries.next_version is null or entries.next_version > years.year_end)
      and (entries.ended_on is null or entries.ended_on >= years.year_end)
),

visits as (
  select
    visits.*,
    {{ folded('visits.object') }} as folded_object
  from {{ ref('int_visits') }} as visits
),

leak_tested as (
  select
    units.year,
    units.permit_number,
    units.object,
    max(visits.visited_on) as tested_on,
    max_by(coalesce(visits.problems, 0) - coalesce(visits.settled_problems, 0), visits.visited_on) as unrepaired
  from entries as units
  inner join visits
    on
      visits.visit_kind = '泄漏检测与修复'
      and visits.visited_on <= units.year_end
      and coalesce(units.permit_number = visits.permit_number, {{ folded('units.object') }} = visits.folded_object)
  where units.register_zh = 'VOCs排污单位'
  group by units.year, units.permit_number, units.object
),

{# The size that tests tell counts from the first test on. #}
leak_units as (
  select entries.year, entries.year_end, entries.permit_number, entries.object, entries.source_row, entries.is_flagged, tested.tested_on
  from entries
  cross join numbers
  left join leak_tested as tested
    on
      entries.year = tested.year
      and entries.object = tested.object
      and entries.permit_number is not distinct from tested.permit_number
  left join {{ ref('int_visit_sizes') }} as sizes
    on
      sizes.visit_kind = '泄漏检测与修复'
      and tested.tested_on is not null
      and coalesce(entries.permit_number = sizes.permit_number, {{ folded('entries.object') }} = sizes.folded_object)
  where
    entries.register_zh = 'VOCs排污单位'
    and greatest(coalesce(entries.value, 0e0), coalesce(sizes.size, 0e0)) >= numbers.ldar_seal_points
),

open_voc_items as (
  select distinct units.year, units.object
  from entries as units
  inner join {{ ref('int_ledger_rows') }} as items
    on
      items.ledger = 'VOCs整治'
      and cast(items.opened_at as date) <= units.year_end
      and (items.closed_on is null or items.closed_on > units.year_end)
      and (units.permit_number = items.permit_number or {{ folded('units.object') }} = {{ folded('items.object') }})
  where units.register_zh = 'VOCs排污单位'
),

radiation_units as (
  select
    entries.year,
    entries.year_end,
    entries.object,
    max(entries.source_row) as source_row,
    bool_or(entries.is_flagged) as is_flagged
  from entries
  where entries.register = 'radiation_sources' and entries.entry_status in ('在用', '闲置', '废旧待收贮')
  group by entries.year, entries.year_end, entries.object
),

users as (
  select
    cast(extract(year from month) as bigint) as year,
    meter_object,
    max(upper(abstraction_permit)) as abstraction_permit,
    sum(metered_volume) as volume,
    max(source_row) as source_row,
    bool_or(flags is not null) as is_flagged
  from {{ ref('stg_water_metering') }}
  where use_sector = '工业' and object_kind not in ('供水分区', '水厂')
  group by cast(extract(year from month) as bigint), meter_object
),

plans as (
  select distinct year, upper(object_code) as object_code, {{ folded('object_name') }} as folded_object
  from {{ ref('stg_quota_allocations') }}
  where control_item = '计划用水量' and object_level = '单位'
),

stations as (
  select
    cast(extract(year from sent_at) as bigint) as year,
    {{ each_of(list_of(["case when from_kind = '中转站' then from_place end", "case when to_kind = '中转站' then to_place end"])) }} as station,
    source_row,
    is_flagged
  from {{ ref('int_movement_legs') }}
  where from_kind = '中转站' or to_kind = '中转站'
),

disclosures as (
  select
    cast(extract(year from deadlines.deadline) as bigint) as year,
    items.closed_on is not null
    and items.closed_on <= least(make_date(cast(extract(year from deadlines.deadline) as int), 12, 31), build.today) as is_covered,
    items.source_row,
    items.is_flagged
  from {{ ref('int_ledger_rows') }} as items
  cross join build
  inner join {{ ref('int_ledger_deadlines') }} as deadlines
    on items.dataset = deadlines.dataset and items.item_id = deadlines.item_id
  where items.dataset = 'disclosures' and deadlines.deadline <= build.today
  union all
  select
    cast(extract(year from deadline) as bigint) as year,
    false as is_covered,
    source_row,
    is_flagged
  from {{ ref('int_undisclosed_matters') }}
),

objects as (
  select
    'leak_tests' as measure,
    units.year,
    coalesce(units.tested_on >= {{ months_after('units.year_end', '-numbers.ldar_months') }}, false) as is_covered,
    units.source_row,
    units.is_flagged
  from leak_units as units
  cross join numbers
  union all
  select
    'chemical_units' as measure,
    units.year,
    tested.tested_on is not null and coalesce(tested.unrepaired, 0) <= 0 and open_items.object is null as is_covered,
    units.source_row,
    units.is_flagged
  from entries as units
  left join leak_tested as tested
    on units.year = tested.year and units.object = tested.object and units.permit_number is not distinct from tested.permit_number
  left join open_voc_items as open_items on units.year = open_items.year and units.object = open_items.object
  where units.register_zh = 'VOCs排污单位' and units.details_zh like '%化工%'
  union all
  select
    'radiation_visits' as measure,
    units.year,
    max(visits.visited_on) is not null as is_covered,
    units.source_row,
    units.is_flagged
  from radiation_units as units
  cross join numbers
  left join visits
    on
      visits.visit_kind = '核技术利用核查'
      and {{ folded('units.object') }} = visits.folded_object
      and visits.visited_on between {{ months_after('units.year_end', '-numbers.radiation_visit_months') }} and units.year_end
  group by units.year, units.object, units.source_row, units.is_flagged
  union all
  select
    'mines' as measure,
    mines.year,
    max(visits.visited_on) is not null as is_covered,
    mines.source_row,
    mines.is_flagged
  from entries as mines
  cross join numbers
  left join visits
    on
      {{ folded('mines.object') }} = visits.folded_object
      and visits.visited_on <= mines.year_end
      and (
        (visits.visit_kind = '自动监测' and visits.visit_class = '矿山地质' and visits.visited_on >= {{ days_after('mines.year_end', '-numbers.mine_monitoring_days') }})
        or (visits.visit_kind = '矿山地质巡查' and visits.visited_on >= {{ days_after('mines.year_end', '-numbers.mine_patrol_days') }})
      )
  where mines.register = 'patrol_objects' and mines.register_zh = '矿山' and mines.entry_status <> '销号'
  group by mines.year, mines.object, mines.source_row, mines.is_flagged
  union all
  select
    'water_plans' as measure,
    users.year,
    bool_or(plans.year is not null) as is_covered,
    users.source_row,
    users.is_flagged
  from users
  cross join numbers
  left join plans
    on
      users.year = plans.year
      and (users.abstraction_permit = plans.object_code or {{ folded('users.meter_object') }} = plans.folded_object)
  where round(users.volume * 10000e0 - numbers.water_plan_users, 6) >= 0
  group by users.year, users.meter_object, users.source_row, users.is_flagged
  union all
  select
    'graded_units' as measure,
    gas.year,
    bool_or(graded.object is not null) as is_covered,
    gas.source_row,
    gas.is_flagged
  from entries as gas
  left join entries as graded
    on
      graded.register_zh = '重污染天气绩效分级'
      and gas.year = graded.year
      and coalesce(gas.permit_number = graded.permit_number, {{ folded('gas.object') }} = {{ folded('graded.object') }})
  where gas.register_zh = '涉气企业'
  group by gas.year, gas.object, gas.source_row, gas.is_flagged
  union all
  select
    'coal_boilers' as measure,
    boilers.year,
    boilers.entry_class = '燃煤'
    and boilers.entry_status in ('在用', '备用', '改造中')
    and round(boilers.value - numbers.boiler_capacity, 9) <= 0 as is_covered,
    boilers.source_row,
    boilers.is_flagged
  from entries as boilers
  cross join numbers
  where boilers.register = 'boilers'
  union all
  select
    'transfer_stations' as measure,
    year,
    true as is_covered,
    max(source_row) as source_row,
    bool_or(is_flagged) as is_flagged
  from stations
  where station is not null
  group by year, {{ folded('station') }}
  union all
  select
    'ceramics_graded_a' as measure,
    year,
    entry_class = 'A级' as is_covered,
    source_row,
    is_flagged
  from entries
  where register_zh = '重污染天气绩效分级' and details_zh like '%陶瓷%'
  union all
  select 'disclosures' as measure, year, is_covered, source_row, is_flagged
  from disclosures
)

select
  measure,
  cast(year as bigint) as year,
  cast(count(case when is_covered then 1 end) as double) as covered,
  cast(count(*) as double) as objects,
  bool_or(is_flagged) as is_flagged,
  {{ rows_where('source_row is not null') }} as computed_rows
from objects
group by measure, year
