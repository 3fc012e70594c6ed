{# The class that a department gave a sample against the class that its determinands give. #}
select
  rules.rule,
  'water_section_quality.reported_class ' || cast(samples.sampled_at as string) || ' '
    || samples.section_name as subject,
  cast(null as string) as indicator_ids,
  'water_section_quality' as dataset,
  cast(extract(year from samples.sampled_at) as bigint) as year,
  cast(null as string) as area,
  samples.submission_id,
  classes.water_class as expected,
  samples.reported_class as observed,
  samples.section_name || cast(samples.sampled_at as string) || '：水质类别报送为 '
    || samples.reported_class || '，由监测值计算为 ' || classes.water_class || '（'
    || classes.worst_determinands || '）。请核实类别或监测值。' as detail_zh
from {{ ref('stg_water_section_quality') }} as samples
inner join {{ ref('int_water_section_classes') }} as classes
  on
    classes.period = 'sample'
    and classes.basis = 'computed'
    and samples.section_name = classes.section_name
    and samples.sampled_at = classes.period_start
inner join {{ ref('water_classes') }} as reported on samples.reported_class = reported.water_class
inner join {{ ref('rules') }} as rules on rules.rule = 'reported_class_differs'
where abs(classes.class_rank - reported.class_rank) > rules.upper
