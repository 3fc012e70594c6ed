-- Entries that hold or will hold, and whatever changed within a year.
select
  register_zh, object, object_code, item, entry_class, entry_status, state_zh, version_from, version_to, township, responsible_unit,
  previous_class, is_class_changed, evidence, value, unit, place, zone_code, permit_number, visits_per_month, is_compliant,
  missing_steps_zh, details_zh, is_flagged, entry_id,
  concat_ws('·', register_zh, entry_id, version_from) as "编号"
from marts.register_entries
where state in ('current', 'future') or coalesce(version_to, version_from) > getvariable('since')
order by
  is_compliant is not false, missing_steps_zh is null, is_class_changed is not true, register_zh, object, item, version_from desc
