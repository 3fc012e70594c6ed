with
determinands as (
  select * from {{ ref('int_water_determinand_classes') }}
),

worst as (
  select
    period,
    section_name,
    period_start,
    max(class_rank) as class_rank,
    bool_or(is_flagged) as is_flagged
  from determinands
  group by period, section_name, period_start
),

computed as (
  select
    worst.period,
    worst.section_name,
    worst.period_start,
    worst.class_rank,
    {{ joined_values('determinands.determinand') }} as worst_determinands,
    worst.is_flagged
  from worst
  inner join determinands
    on
      worst.period = determinands.period
      and worst.section_name = determinands.section_name
      and worst.period_start = determinands.period_start
      and worst.class_rank = determinands.class_rank
  group by
    worst.period, worst.section_name, worst.period_start, worst.class_rank, worst.is_flagged
),

{# Where only the class was delivered and no determinand: the worst class delivered in the period. #}
{% set periods = {
  'sample': 'samples.sampled_at',
  'month': "cast(date_trunc('month', samples.sampled_at) as timestamp)",
  'year': "cast(date_trunc('year', samples.sampled_at) as timestamp)",
} %}
reported as (
  {% for period, period_start in periods.items() %}
  select
    '{{ period }}' as period,
    samples.section_name,
    {{ period_start }} as period_start,
    max(classes.class_rank) as class_rank,
    bool_or(samples.flags is not null) as is_flagged
  from {{ ref('stg_water_section_quality') }} as samples
  inner join {{ ref('water_classes') }} as classes on samples.reported_class = classes.water_class
  group by samples.section_name, {{ period_start }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

every_section as (
  select
    coalesce(computed.period, reported.period) as period,
    coalesce(computed.section_name, reported.section_name) as section_name,
    coalesce(computed.period_start, reported.period_start) as period_start,
    coalesce(computed.class_rank, reported.class_rank) as class_rank,
    case when computed.class_rank is null then 'reported' else 'computed' end as basis,
    computed.worst_determinands,
    coalesce(computed.is_flagged, reported.is_flagged) as is_flagged
  from computed
  full outer join reported
    on
      computed.period = reported.period
      and computed.section_name = reported.section_name
      and computed.period_start = reported.period_start
)

select
  every_section.period,
  every_section.section_name,
  every_section.period_start,
  every_section.class_rank,
  classes.water_class,
  classes.is_good,
  every_section.basis,
  every_section.worst_determinands,
  every_section.is_flagged
from every_section
inner join {{ ref('water_classes') }} as classes on every_section.class_rank = classes.class_rank
