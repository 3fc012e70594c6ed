{{ alerts_by_period(
  'month',
  label='periods.period_start',
  last='last_day(periods.period_start)',
  before={
    'month_before': "cast(periods.period_start - interval '1' month as date)",
    'year_before': "cast(periods.period_start - interval '1' year as date)",
  }
) }}
