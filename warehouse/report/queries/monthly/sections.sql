select section_name, month, river_name, control_level, target_class, water_class, meets_target, worst_determinands, basis
from marts.water_section_monthly
where month <= getvariable('until') and month > getvariable('until') - 792
order by month desc, meets_target, section_name
