{% set states = {
  'valid': '有效', 'expiring': '临期', 'expired': '到期未延续', 'ended': '已注销撤销', 'registered': '登记管理', 'unlisted': '无许可证记录',
} %}
{% set names = ['cod', 'ammonia', 'so2', 'nox', 'particulate', 'voc'] %}
with
build as ({{ county_now() }}),

numbers as ({{ supervision_numbers(['permit_expiring_days']) }}),

zones as (
  select
    zone_code,
    entry_class,
    row_number() over (
      partition by zone_code order by case when register_zh like '%三线一单%' then 0 else 1 end, version_from desc
    ) as choice
  from {{ ref('register_entries') }}
  where register = 'control_zones' and is_current
),

versions as (
  select
    facts.permit_number,
    versions.version_from,
    versions.version_to,
    coalesce(versions.is_current, true) as is_current,
    versions.unit_name,
    versions.event,
    versions.management_level,
    versions.industry,
    versions.township,
    versions.zone_code,
    versions.valid_from,
    versions.valid_to,
    versions.permit_number is null as is_unlisted,
    coalesce(versions.is_flagged, false) or facts.is_flagged as is_any_flagged,
    facts.*
  from {{ ref('int_permit_facts') }} as facts
  left join {{ ref('int_permit_versions') }} as versions on facts.permit_number = versions.permit_number
),

judged as (
  select
    versions.*,
    {{ days_between('build.today', 'versions.valid_to') }} as days_to_expiry,
    case
      when versions.is_unlisted then 'unlisted'
      when not versions.is_current then null
      when versions.event in ('注销', '撤销', '吊销') then 'ended'
      when versions.management_level = '登记管理' then 'registered'
      when versions.valid_to < build.today then 'expired'
      when versions.valid_to <= {{ days_after('build.today', 'numbers.permit_expiring_days') }} then 'expiring'
      else 'valid'
    end as permit_state
  from versions
  cross join build
  cross join numbers
)

select
  judged.permit_number,
  judged.version_from,
  judged.version_to,
  judged.is_current,
  judged.unit_name,
  judged.event,
  judged.management_level,
  judged.industry,
  judged.township,
  judged.zone_code,
  zones.entry_class as zone_class,
  judged.valid_from,
  judged.valid_to,
  judged.permit_state,
  {{ titled('judged.permit_state', states) }} as permit_state_zh,
  cast(judged.days_to_expiry as bigint) as days_to_expiry,
  lists.lists,
  lists.performance_grade,
  lists.graded_on,
  coalesce(lists.is_soil_priority, false) as is_soil_priority,
  judged.soil_plot_code,
  cast(judged.outlets as bigint) as outlets,
  judged.limited_pollutants,
  cast(judged.facts_year as bigint) as facts_year,
  {% for name in names %}
  judged.{{ name }}_permitted_t,
  judged.{{ name }}_quota_t,
  judged.{{ name }}_declared_t,
  judged.{{ name }}_monitored_t,
  {% endfor %}
  cast(judged.monitored_outlets as bigint) as monitored_outlets,
  cast(judged.exceeded_days as bigint) as exceeded_days,
  judged.uptime_pct,
  judged.last_inspected_on,
  cast(judged.inspections_12m as bigint) as inspections_12m,
  judged.last_penalty_on,
  judged.penalties_total,
  cast(judged.open_items as bigint) as open_items,
  cast(judged.disclosures_due as bigint) as disclosures_due,
  cast(judged.disclosures_done as bigint) as disclosures_done,
  judged.is_any_flagged as is_flagged
from judged
left join zones on judged.zone_code = zones.zone_code and zones.choice = 1
left join {{ ref('int_permit_lists') }} as lists on judged.permit_number = lists.permit_number
order by judged.permit_number, judged.version_from
