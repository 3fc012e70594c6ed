{{ water_section_mart('month', 'month', 'cast(classes.period_start as date)') }}
