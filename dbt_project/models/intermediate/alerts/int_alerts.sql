{# The judgements that 日警示, 周分析 and 月通报 are made from, each with its day. That of a month or quarter
   has the last day of its period, that of a submission the first day on which it was overdue: so each
   belongs to one day, one week and one month. #}
{% set effluent = ['effluent_cod', 'effluent_ammonia', 'effluent_phosphorus'] %}
with
{# The concentration that a day must not exceed: where the index is 100, and the class-2 limit of a day
   where the standard prints one that is not the same (GB 3095-2026 from 2031). #}
air_limits_of_days as (
  select
    case when pollutant = 'o3' then 'o3_8h' else pollutant end as pollutant,
    concentration_high as limit_value,
    unit,
    valid_from,
    valid_to
  from {{ ref('aqi_breakpoints') }}
  where iaqi_high = {{ var('air_good_aqi') }} and averaging = case when pollutant = 'o3' then '8h' else '24h' end
  union all
  select pollutant, limit_value, unit, valid_from, valid_to
  from {{ ref('air_limits') }}
  where averaging = '24h'
),

air_values_of_days as (
  select station, day, pollutant, value
  from {{ ref('air_quality_daily') }}
  unpivot (value for pollutant in ({{ air_pollutants() | join(', ') }}))
),

air_excesses as (
  select
    values_of_days.station,
    values_of_days.day,
    values_of_days.pollutant as item,
    values_of_days.value,
    values_of_days.value / min(limits.limit_value) - 1 as multiple,
    min(limits.unit) as unit
  from air_values_of_days as values_of_days
  inner join air_limits_of_days as limits
    on
      values_of_days.pollutant = limits.pollutant
      and values_of_days.day >= limits.valid_from
      and (limits.valid_to is null or values_of_days.day <= limits.valid_to)
      and not {{ at_most('values_of_days.value', 'limits.limit_value') }}
  group by values_of_days.station, values_of_days.day, values_of_days.pollutant, values_of_days.value
),

air_exceeded as (
  select
    station,
    day,
    {{ joined_values(item_title('air_quality_daily')) }} as exceeded_items,
    {{ joined_values(item_in_words('air_quality_daily')) }} as exceeded_zh,
    max(multiple) as largest_multiple
  from air_excesses
  group by station, day
),

air as (
  select
    case when days.station = {{ county() }} then 'air_county' else 'air_station' end as kind,
    case when days.station = {{ county() }} then '全县环境空气' else '站点环境空气' end as kind_zh,
    'air_quality_daily' as dataset,
    cast(null as string) as department,
    days.station as object,
    cast(days.day as string) as period,
    days.day,
    coalesce(days.aqi > {{ var('air_good_aqi') }}, false) or exceeded.station is not null as is_alert,
    coalesce(days.is_heavily_polluted, false) as is_serious,
    cast(days.aqi as double) as magnitude,
    'AQI ≤ {{ var("air_good_aqi") }}，二级浓度限值' as expected_zh,
    case when days.aqi is null then 'AQI 缺' else 'AQI ' || cast(days.aqi as string) || '（' || {{ aqi_level('days.aqi') }} || '）' end
      as observed_zh,
    exceeded.exceeded_items,
    exceeded.exceeded_zh,
    exceeded.largest_multiple,
    cast(null as date) as ended_on,
    days.is_flagged
  from {{ ref('air_quality_daily') }} as days
  left join air_exceeded as exceeded on days.station = exceeded.station and days.day = exceeded.day
  where days.aqi is not null or exceeded.station is not null
),

{# Of a day with several samples the worst is taken. #}
section_excesses as (
  select
    section_name,
    cast(period_start as date) as day,
    determinand as item,
    unit,
    max_by(value, abs(value - limit_value)) as value,
    max(multiple) as multiple
  from {{ ref('int_section_limit_excesses') }}
  where period = 'sample'
  group by section_name, cast(period_start as date), determinand, unit
),

section_exceeded as (
  select
    section_name,
    day,
    {{ joined_values(item_title('water_section_quality')) }} as exceeded_items,
    {{ joined_values(item_in_words('water_section_quality')) }} as exceeded_zh,
    max(multiple) as largest_multiple
  from section_excesses
  group by section_name, day
),

section_days as (
  select
    section_name,
    cast(period_start as date) as day,
    max(class_rank) as class_rank,
    bool_or(is_flagged) as is_flagged
  from {{ ref('int_water_section_classes') }}
  where period = 'sample'
  group by section_name, cast(period_start as date)
),

sections as (
  select
    'water_section' as kind,
    '地表水断面' as kind_zh,
    'water_section_quality' as dataset,
    cast(null as string) as department,
    days.section_name as object,
    cast(days.day as string) as period,
    days.day,
    days.class_rank > targets.class_rank as is_alert,
    days.class_rank > 5 as is_serious,
    cast(days.class_rank as double) as magnitude,
    '考核目标 ' || targets.water_class || '类' as expected_zh,
    classes.water_class || '类' as observed_zh,
    exceeded.exceeded_items,
    exceeded.exceeded_zh,
    exceeded.largest_multiple,
    cast(null as date) as ended_on,
    days.is_flagged
  from section_days as days
  inner join {{ ref('stg_water_sections') }} as registered on days.section_name = registered.section_name
  inner join {{ ref('water_classes') }} as targets on registered.target_class = targets.water_class
  inner join {{ ref('water_classes') }} as classes on days.class_rank = classes.class_rank
  left join section_exceeded as exceeded
    on days.section_name = exceeded.section_name and days.day = exceeded.day
),

effluents as (
  select plant_name, month, item, value, is_flagged
  from (
    select plant_name, month, flags is not null as is_flagged, {{ effluent | join(', ') }}
    from {{ ref('stg_wastewater_plants') }}
  ) as plants
  unpivot (value for item in ({{ effluent | join(', ') }}))
),

{# By the strictest of the standards in force at the month's end. #}
effluents_judged as (
  select
    effluents.*,
    limits.standard,
    limits.limit_value,
    limits.unit,
    row_number() over (
      partition by effluents.plant_name, effluents.month, effluents.item
      order by limits.limit_value, limits.standard
    ) as limit_rank
  from effluents
  inner join {{ ref('effluent_limits') }} as limits
    on
      effluents.item = limits.determinand
      and limits.valid_from <= last_day(effluents.month)
      and (limits.valid_to is null or limits.valid_to >= last_day(effluents.month))
),

plant_values as (
  select
    plant_name,
    month,
    item,
    unit,
    standard,
    value,
    value / limit_value - 1 as multiple,
    not {{ at_most('value', 'limit_value') }} as is_exceeded,
    is_flagged
  from effluents_judged
  where limit_rank = 1
),

plant_months as (
  select
    plant_name,
    month,
    count(*) filter (where is_exceeded) as exceeded,
    {{ joined_values('case when is_exceeded then ' ~ item_title('wastewater_plants') ~ ' end') }} as exceeded_items,
    {{ joined_values('case when is_exceeded then ' ~ item_in_words('wastewater_plants') ~ ' end') }} as exceeded_zh,
    max(multiple) as largest_multiple,
    {{ joined_values('standard') }} as standards,
    bool_or(is_flagged) as is_flagged
  from plant_values
  group by plant_name, month
),

plants as (
  select
    'plant_effluent' as kind,
    '污水处理厂出水' as kind_zh,
    'wastewater_plants' as dataset,
    cast(null as string) as department,
    plant_name as object,
    substr(cast(month as string), 1, 7) as period,
    last_day(month) as day,
    exceeded > 0 as is_alert,
    exceeded > 0 and {{ at_least('largest_multiple', var('alert_serious_multiple')) }} as is_serious,
    largest_multiple as magnitude,
    standards || '标准' as expected_zh,
    case when exceeded > 0 then '月均值超标' else '达标' end as observed_zh,
    nullif(exceeded_items, '') as exceeded_items,
    nullif(exceeded_zh, '') as exceeded_zh,
    case when exceeded > 0 then largest_multiple end as largest_multiple,
    cast(null as date) as ended_on,
    is_flagged
  from plant_months
),

submissions_due as (
  select
    'overdue' as kind,
    '数据逾期' as kind_zh,
    card.dataset,
    card.department,
    card.dataset_zh as object,
    card.period,
    {{ days_after('card.due_on', 1) }} as day,
    card.days_late > 0 as is_alert,
    card.days_late > {{ var('alert_serious_days') }} as is_serious,
    cast(card.days_late as double) as magnitude,
    '应于 ' || cast(card.due_on as string) || ' 前报送' as expected_zh,
    case
      when card.received_on is not null then cast(card.received_on as string) || ' 收到'
      else '未报'
    end || case when card.days_late > 0 then '，逾期 ' || cast(card.days_late as string) || ' 天' else '' end as observed_zh,
    case when card.days_late > 0 then card.period end as exceeded_items,
    case when card.days_late > 0 then card.period end as exceeded_zh,
    cast(null as double) as largest_multiple,
    case when card.days_late > 0 then card.received_on end as ended_on,
    false as is_flagged
  from {{ ref('department_scorecard') }} as card
  cross join {{ source('intake', 'build') }} as build
  where card.due_on < build.today
),

every_kind as (
  {% for kind in ['air', 'sections', 'plants', 'submissions_due'] %}
  select *, {{ 'true' if kind == 'submissions_due' else 'false' }} as has_end from {{ kind }}
  union all
  {% endfor %}
  select
    kind,
    kind_zh,
    dataset,
    cast(null as string) as department,
    object,
    period,
    day,
    true as is_alert,
    is_serious,
    magnitude,
    expected_zh,
    observed_zh,
    cast(null as string) as exceeded_items,
    cast(null as string) as exceeded_zh,
    cast(null as double) as largest_multiple,
    ended_on,
    is_flagged,
    has_end
  from {{ ref('int_supervision_alerts') }}
)

select
  every_kind.kind,
  every_kind.kind_zh,
  every_kind.dataset,
  datasets.domain,
  coalesce(every_kind.department, split_part(datasets.departments_allowed, ';', 1)) as department,
  every_kind.object,
  every_kind.period,
  every_kind.day,
  every_kind.is_alert,
  every_kind.is_alert and every_kind.is_serious as is_serious,
  every_kind.magnitude,
  every_kind.expected_zh,
  every_kind.observed_zh,
  every_kind.exceeded_items,
  every_kind.exceeded_zh,
  every_kind.largest_multiple,
  every_kind.ended_on,
  every_kind.has_end,
  every_kind.is_flagged
from every_kind
inner join {{ ref('contract_datasets') }} as datasets on every_kind.dataset = datasets.dataset
