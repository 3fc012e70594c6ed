{# The daily values that the days of a year were made from, and the hours; of each submission all rows
   between two lines. #}
{{ air_row_ranges('air_quality_daily', ref('stg_air_quality_daily'), 'day') }}
union all
{{ air_row_ranges(
  'air_quality_hourly',
  source('lake', 'air_quality_hourly'),
  date_of_day_number(whole_quotient(hour_number('observed_at'), 24))
) }}
