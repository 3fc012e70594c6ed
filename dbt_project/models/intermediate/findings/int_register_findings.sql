{# Registers: days that contradict each other, codes that nothing holds, classes without evidence, counts that differ. #}
{% set days = {
  'valid_from': ['有效期起', 'valid_from'],
  'valid_to': ['有效期止', 'valid_to'],
  'version': ['列入日期', 'version_from'],
  'ended': ['移出日期', 'ended_on'],
} %}
with
build as ({{ county_now() }}),

numbers as ({{ supervision_numbers(['permit_years']) }}),

entries as (select * from {{ ref('int_register_versions') }}),

zones as (select distinct zone_code from {{ ref('stg_control_zones') }}),

permits as (select distinct permit_number from {{ ref('int_permit_versions') }}),

zones_named as (
  select dataset, item_id as subject, zone_code, township, source_row
  from {{ ref('int_ledger_rows') }}
  where zone_code is not null
  union all
  select register as dataset, entry_id || ' ' || cast(version_from as string) as subject, zone_code, township, source_row
  from entries
  where zone_code is not null and register <> 'control_zones'
),

grades as (
  select
    permit_number,
    object,
    entry_class,
    version_from,
    coalesce(version_to, date '9999-12-31') as version_to
  from entries
  where register_zh = '重污染天气绩效分级'
),

soil_changes as (
  select entries.*
  from entries
  left join {{ ref('stg_sample_results') }} as samples
    on
      samples.medium in ('土壤', '农产品')
      and samples.point_name in (entries.object_code, entries.object)
      and samples.sampled_on between {{ months_after('entries.version_from', '-24') }} and entries.version_from
  where
    entries.register = 'soil_plots'
    and entries.register_zh = '农用地'
    and entries.version_number > 1
    and entries.entry_class is distinct from entries.previous_class
    and entries.evidence is null
    and samples.point_name is null
),

{# Disused sources at the end of the year, or today. #}
disused as (
  select
    statistics.year,
    statistics.sources_due,
    statistics.sources_stored,
    statistics.source_row,
    count(case when entries.entry_status in ('废旧待收贮', '已收贮') then 1 end) as due,
    count(case when entries.entry_status = '已收贮' then 1 end) as stored
  from {{ ref('stg_radioactive_sources') }} as statistics
  cross join build
  inner join entries
    on
      entries.register = 'radiation_sources'
      and entries.version_from <= least(make_date(cast(statistics.year as int), 12, 31), build.today)
      and (
        entries.next_version is null
        or entries.next_version > least(make_date(cast(statistics.year as int), 12, 31), build.today)
      )
  group by statistics.year, statistics.sources_due, statistics.sources_stored, statistics.source_row
),

{# What the plan counted, and what the registers hold today; a unit on two lists is one. #}
counted as (
  {% for threshold_id, register, lists, name in [
    ('outfalls_kept', 'river_outfalls', [], '入河排污口'),
    ('hazardous_generators', 'key_units', ['危险废物产生单位'], '危险废物产生单位'),
    ('hazardous_units', 'key_units', ['危险废物产生单位', '危险废物经营单位'], '危险废物产生、经营单位'),
  ] %}
  select
    '{{ threshold_id }}' as threshold_id,
    '{{ register }}' as register,
    '{{ name }}' as name_zh,
    count(distinct {{ 'entry_id' if not lists else "coalesce(permit_number, " ~ folded('object') ~ ")" }}) as held
  from entries
  cross join build
  where
    register = '{{ register }}'
    {% if lists %}and register_zh in ('{{ lists | join("', '") }}'){% endif %}
    and version_from <= build.today
    and (next_version is null or next_version > build.today)
    and (ended_on is null or ended_on >= build.today)
    and coalesce(entry_status, '') <> '已取缔'
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

cases as (
  select
    'register_dates' as rule,
    register as dataset,
    entry_id || ' ' || cast(version_from as string) as subject,
    extract(year from version_from) as year,
    township as area,
    source_row,
    case
      {% for earlier, later in days_in_order()['register'] %}
      when {{ days[later][1] }} < {{ days[earlier][1] }} then '{{ days[later][0] }}不早于{{ days[earlier][0] }}'
      {% endfor %}
      else event || '应写明有效期'
    end as expected,
    case
      {% for earlier, later in days_in_order()['register'] %}
      when {{ days[later][1] }} < {{ days[earlier][1] }}
        then '{{ days[earlier][0] }} ' || cast({{ days[earlier][1] }} as string)
          || '，{{ days[later][0] }} ' || cast({{ days[later][1] }} as string)
      {% endfor %}
      else '未写有效期'
    end as observed
  from entries
  where
    {% for earlier, later in days_in_order()['register'] %}
    {{ days[later][1] }} < {{ days[earlier][1] }} or
    {% endfor %}
    (event in ('延续', '重新申请') and valid_from is null and valid_to is null)
  union all
  select
    'permit_too_long' as rule,
    register as dataset,
    entry_id || ' ' || cast(version_from as string) as subject,
    extract(year from version_from) as year,
    township as area,
    source_row,
    '有效期不超过 ' || {{ plain_number('numbers.permit_years', 4) }} || ' 年' as expected,
    '有效期 ' || cast(valid_from as string) || ' 至 ' || cast(valid_to as string) as observed
  from entries
  cross join numbers
  where event is not null and valid_to > {{ months_after('valid_from', '12 * numbers.permit_years') }}
  union all
  select
    'zone_unknown' as rule,
    named.dataset,
    named.subject,
    cast(null as bigint) as year,
    named.township as area,
    named.source_row,
    '管控单元编号在分区管控单元中' as expected,
    named.zone_code as observed
  from zones_named as named
  left join zones on named.zone_code = zones.zone_code
  where zones.zone_code is null and exists (select 1 from zones)
  union all
  select
    'permit_unknown' as rule,
    named.dataset,
    named.permit_number as subject,
    cast(null as bigint) as year,
    cast(null as string) as area,
    cast(null as string) as source_row,
    '许可证编号有排污许可证记录' as expected,
    '无许可证记录' as observed
  from {{ ref('int_named_permits') }} as named
  left join permits on named.permit_number = permits.permit_number
  where permits.permit_number is null and exists (select 1 from permits)
  union all
  select
    'list_grade_differs' as rule,
    lists.register as dataset,
    lists.entry_id || ' ' || cast(lists.version_from as string) as subject,
    extract(year from lists.version_from) as year,
    lists.township as area,
    lists.source_row,
    '启用日的评级为 ' || grades.entry_class as expected,
    lists.entry_class as observed
  from entries as lists
  cross join build
  inner join grades
    on
      coalesce(grades.permit_number = lists.permit_number, {{ folded('grades.object') }} = {{ folded('lists.object') }})
      and lists.version_from between grades.version_from and grades.version_to
  where
    lists.is_replaced_as_a_whole
    and lists.entry_class <> grades.entry_class
    and (lists.next_version is null or lists.next_version > build.today)
  union all
  select
    'soil_no_evidence' as rule,
    register as dataset,
    entry_id || ' ' || cast(version_from as string) as subject,
    extract(year from version_from) as year,
    township as area,
    source_row,
    '类别调整有认定依据，或此前24个月内有土壤、农产品监测结果' as expected,
    coalesce(previous_class, '无') || '调整为' || entry_class || '，无依据' as observed
  from soil_changes
  union all
  select
    'sources_differ' as rule,
    'radioactive_sources' as dataset,
    cast(year as string) as subject,
    year,
    cast(null as string) as area,
    source_row,
    '台账应收贮 ' || cast(due as string) || ' 枚，已收贮 ' || cast(stored as string) || ' 枚' as expected,
    '统计应收贮 ' || cast(sources_due as string) || ' 枚，已收贮 ' || cast(sources_stored as string) || ' 枚' as observed
  from disused
  where due <> sources_due or stored <> sources_stored
  union all
  select
    'register_count_differs' as rule,
    counted.register as dataset,
    case when counted.register = 'key_units' then counted.name_zh else '' end as subject,
    cast(null as bigint) as year,
    cast(null as string) as area,
    cast(null as string) as source_row,
    '规划载明' || counted.name_zh || ' ' || {{ plain_number('try_cast(printed.value as double)', 4) }} || ' ' || printed.unit as expected,
    '名录中 ' || cast(counted.held as string) || ' ' || printed.unit as observed
  from counted
  inner join {{ ref('supervision_thresholds') }} as printed on counted.threshold_id = printed.threshold_id
  where counted.held > 0 and counted.held < try_cast(printed.value as double)
)

{{ findings_of_cases('(select distinct * from cases)') }}
