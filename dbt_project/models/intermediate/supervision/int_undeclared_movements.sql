{# Units whose hazardous waste left them in a year, or that a list obliges to declare, without a declaration. #}
with
build as ({{ county_now() }}),

declared as (select * from {{ ref('stg_hazardous_waste_declarations') }}),

moved as (
  select
    from_place as holder,
    material,
    cast(date_trunc('year', sent_at) as date) as period_start,
    sum(sent) as traced_sent,
    sum(case when is_confirmed then coalesce(received, sent) end) as traced_received,
    bool_or(is_flagged) as is_flagged
  from {{ ref('int_movement_statuses') }}
  where dataset = 'hazardous_waste_manifests'
  group by from_place, material, cast(date_trunc('year', sent_at) as date)
),

moved_undeclared as (
  select moved.*
  from moved
  left join declared
    on
      {{ folded('moved.holder') }} = {{ folded('declared.unit_name') }}
      and moved.material = declared.waste_code
      and extract(year from moved.period_start) = declared.year
  where declared.unit_name is null
),

listed_undeclared as (
  select
    entries.object as holder,
    max(entries.permit_number) as permit_number,
    make_date(cast(extract(year from build.today) - 1 as int), 1, 1) as period_start,
    bool_or(entries.is_flagged) as is_flagged
  from {{ ref('register_entries') }} as entries
  cross join build
  inner join (
    select entry_id, min(version_from) as listed_on
    from {{ ref('register_entries') }}
    where register = 'key_units'
    group by entry_id
  ) as listed on entries.entry_id = listed.entry_id
  left join declared
    on
      extract(year from build.today) - 1 = declared.year
      and ({{ folded('entries.object') }} = {{ folded('declared.unit_name') }} or entries.permit_number = upper(declared.permit_number))
  where
    entries.register = 'key_units'
    and entries.register_zh in ('危险废物产生单位', '危险废物经营单位')
    and entries.is_current
    and extract(year from listed.listed_on) < extract(year from build.today)
    and declared.unit_name is null
  group by entries.object, make_date(cast(extract(year from build.today) - 1 as int), 1, 1)
)

select
  holder,
  material,
  period_start,
  cast(null as string) as permit_number,
  traced_sent,
  traced_received,
  is_flagged
from moved_undeclared
union all
select
  listed.holder,
  cast(null as string) as material,
  listed.period_start,
  listed.permit_number,
  cast(null as double) as traced_sent,
  cast(null as double) as traced_received,
  listed.is_flagged
from listed_undeclared as listed
left join moved_undeclared as moved
  on {{ folded('listed.holder') }} = {{ folded('moved.holder') }} and listed.period_start = moved.period_start
where moved.holder is null
