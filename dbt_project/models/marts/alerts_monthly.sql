{{ alerts_by_period(
  'month',
  label="substr(cast(periods.period_start as string), 1, 7)",
  last='last_day(periods.period_start)',
  before={
    'month_before': "cast(periods.period_start - interval '1' month as date)",
    'year_before': "cast(periods.period_start - interval '1' year as date)",
  }
) }}
