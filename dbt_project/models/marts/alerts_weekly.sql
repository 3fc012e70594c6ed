{{ alerts_by_period(
  'week',
  label=week_name('periods.period_start'),
  last=days_after('periods.period_start', 6),
  before={'week_before': days_after('periods.period_start', -7)}
) }}
