-- The water class of the month; the determinands beyond the limits of the target are those of the ledger of
-- assessed sections.
select
  months.section_name, months.month, months.river_name, months.control_level, months.target_class,
  months.water_class, months.meets_target, ledger.exceeded_determinands
from marts.water_section_monthly as months
left join marts.section_compensation_ledger as ledger
  on months.section_name = ledger.section_name and months.month = ledger.month
where months.month <= getvariable('until') and months.month > getvariable('since')
order by months.month desc, months.meets_target, months.section_name
