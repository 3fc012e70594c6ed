{% set states = {'current': '现行', 'superseded': '历史版本', 'ended': '已移出', 'future': '未生效'} %}
with
build as ({{ county_now() }}),

states as (
  select
    versions.*,
    case
      when versions.version_from > build.today then 'future'
      when versions.is_ending_event then 'ended'
      when versions.ended_on < build.today then 'ended'
      when versions.next_version <= build.today then 'superseded'
      else 'current'
    end as state
  from {{ ref('int_register_versions') }} as versions
  cross join build
)

select
  register,
  register_zh,
  entry_id,
  object,
  object_code,
  item,
  permit_number,
  version_from,
  version_to,
  state = 'current' as is_current,
  state,
  {{ titled('state', states) }} as state_zh,
  entry_class,
  previous_class,
  case when version_number > 1 then entry_class is distinct from previous_class end as is_class_changed,
  evidence,
  entry_status,
  value,
  unit,
  place,
  township,
  zone_code,
  responsible_unit,
  responsible_person,
  visits_per_month,
  is_compliant,
  missing_steps_zh,
  details_zh,
  is_flagged
from states
order by register, entry_id, version_from
