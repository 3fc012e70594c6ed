{# A week is named by the year of its Thursday (ISO 8601). #}
{% set thursday = days_after('periods.period_start', 3) %}
{{ alerts_by_period(
  'week',
  label="cast(extract(year from " ~ thursday ~ ") as string) || '-W' || lpad(cast(" ~ whole_quotient('(dayofyear(' ~ thursday ~ ') + 6)', 7) ~ " as string), 2, '0')",
  last=days_after('periods.period_start', 6),
  before={'week_before': days_after('periods.period_start', -7)}
) }}
