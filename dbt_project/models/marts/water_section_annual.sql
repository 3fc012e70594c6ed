{{ water_section_mart('year', 'year', 'cast(extract(year from classes.period_start) as bigint)') }}
