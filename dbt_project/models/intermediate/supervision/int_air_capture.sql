{# Values stay with the air models, and so do the hours of O3, of which these keep only the 8-hour means. Days are those
   of the last twelve months; a station is expected on the 30 days after each day with hours, up to yesterday. #}
{% set entry = (archetype_declarations()['readings'] | selectattr('dataset', 'equalto', 'air_quality_hourly') | list)[0] %}
{% set measures = entry.roles.measures.fields | reject('equalto', 'o3') | list %}
with
build as ({{ county_now() }}),

days as (
  select
    station,
    {{ date_of_day_number('day_number') }} as day,
    sum(hours) as hours,
    {% for measure in measures %}
    least(sum({{ measure }}_hours), 24) as {{ measure }}_hours,
    {% endfor %}
    bool_or(is_flagged) as is_flagged
  from {{ ref('int_air_hour_sums') }}
  group by station, day_number
),

followed as (
  select station, day, lead(day) over (partition by station order by day) as next_day
  from days
),

silent as (
  select followed.station, {{ days_after('followed.day', 'numbers.number + 1') }} as day
  from followed
  cross join build
  inner join ({{ whole_numbers(29) }}) as numbers
    on {{ days_after('followed.day', 'numbers.number + 1') }} < coalesce(followed.next_day, build.today)
  where followed.next_day is distinct from {{ days_after('followed.day', '1') }}
),

every_day as (
  select station, day, hours, {% for measure in measures %}{{ measure }}_hours, {% endfor %}is_flagged
  from days
  union all
  select station, day, 0 as hours, {% for measure in measures %}0 as {{ measure }}_hours, {% endfor %}false as is_flagged
  from silent
),

periods as (
  {% for period in ['day', 'month', 'year'] %}
  select
    station,
    '{{ period }}' as period,
    cast(date_trunc('{{ period }}', day) as date) as period_start,
    sum(hours) as readings,
    24 * count(*) as expected_readings,
    {% for measure in measures %}
    sum({{ measure }}_hours) as {{ measure }}_hours,
    {% endfor %}
    bool_or(is_flagged) as is_flagged
  from every_day
  {% if period == 'day' %}
  cross join build
  where day >= {{ months_after('build.today', '-12') }}
  {% endif %}
  group by station, cast(date_trunc('{{ period }}', day) as date)
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

captured as (
  {% for measure in measures %}
  select
    station,
    '{{ measure }}' as measure,
    period,
    period_start,
    readings,
    {{ measure }}_hours as valid_readings,
    expected_readings,
    is_flagged
  from periods
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  fields.dataset,
  captured.station as object,
  fields.title_zh as item,
  captured.period,
  captured.period_start,
  captured.readings,
  captured.valid_readings,
  captured.expected_readings,
  captured.is_flagged
from captured
inner join {{ ref('contract_fields') }} as fields on fields.dataset = '{{ entry.dataset }}' and captured.measure = fields.field
