{# Whether a section is assessed; where none is registered as assessed, all are. #}
{% macro is_assessed(section_name) -%}
  (
    {{ section_name }} in (select section_name from {{ ref('stg_water_sections') }} where assessed)
    or (select count(*) from {{ ref('stg_water_sections') }} where assessed) = 0
  )
{%- endmacro %}


{# How many objects (sources, wells) of a dataset of samples have which class in each year: the worst
   quality_class of the year's samples. where: a condition on the `samples`.
   Columns: year, objects, good (class Ⅲ or better), class_5, is_flagged, computed_rows. #}
{% macro worst_class_counts(dataset, object, where=none) -%}
  select
    worst.year,
    count(*) as objects,
    count(*) filter (where classes.is_good) as good,
    count(*) filter (where classes.water_class = 'Ⅴ') as class_5,
    bool_or(worst.is_flagged) as is_flagged,
    {{ grouped_rows('worst.computed_rows') }} as computed_rows
  from (
    select
      extract(year from samples.sampled_on) as year,
      samples.{{ object }},
      max(classes.class_rank) as class_rank,
      bool_or(samples.flags is not null) as is_flagged,
      {{ rows_where(key='samples.source_row') }} as computed_rows
    from {{ ref('stg_' ~ dataset) }} as samples
    inner join {{ ref('water_classes') }} as classes on samples.quality_class = classes.water_class
    {% if where %}where {{ where }}{% endif %}

    group by extract(year from samples.sampled_on), samples.{{ object }}
  ) as worst
  inner join {{ ref('water_classes') }} as classes on worst.class_rank = classes.class_rank
  group by worst.year
{%- endmacro %}


{# The query of a mart of sections: the class of each period, the determinands that decide it, and the means.
   period: month or year; column: how the mart names the period, as `expression` of its first day. #}
{% macro water_section_mart(period, column, expression) -%}
{%- set determinands = lake_columns('water_section_quality', types=['float']) -%}
with
means as (
  select
    section_name,
    period_start,
    {% for determinand in determinands %}
    max(case when determinand = '{{ determinand }}' then value end) as {{ determinand }}{{ ',' if not loop.last }}
    {% endfor %}
  from {{ ref('int_water_periods') }}
  where period = '{{ period }}'
  group by section_name, period_start
)

select
  classes.section_name,
  {{ expression }} as {{ column }},
  cast(classes.period_start as date) as period_start,
  sections.river_name,
  coalesce(sections.water_body_type, '河流') as water_body_type,
  sections.control_level,
  sections.assessed,
  classes.water_class,
  classes.class_rank as water_class_rank,
  classes.is_good,
  classes.worst_determinands,
  sections.border_kind,
  sections.target_class,
  targets.class_rank as target_class_rank,
  classes.class_rank <= targets.class_rank as meets_target,
  {% for determinand in determinands %}
  means.{{ determinand }},
  {% endfor %}
  classes.basis,
  classes.is_flagged
from {{ ref('int_water_section_classes') }} as classes
left join means
  on classes.section_name = means.section_name and classes.period_start = means.period_start
left join {{ ref('stg_water_sections') }} as sections
  on classes.section_name = sections.section_name
left join {{ ref('water_classes') }} as targets on sections.target_class = targets.water_class
where classes.period = '{{ period }}'
order by classes.section_name, {{ column }}
{%- endmacro %}


{# The branches of a case that names determinands in Chinese. #}
{% macro exceedance_titles() -%}
  {%- for determinand in lake_columns('water_section_quality', types=['float']) -%}
    when '{{ determinand }}' then '{{ lake_title('water_section_quality', determinand) }}'{{ ' ' }}
  {%- endfor -%}
  else determinand
{%- endmacro %}


{# The determinands whose multiple the ledger has a column for, as its yml declares them. #}
{% macro determinands_with_multiple() %}
  {%- set names = [] -%}
  {%- for column in model.columns.keys() if column.endswith('_multiple') and column != 'largest_multiple' -%}
    {%- do names.append(column[:-9]) -%}
  {%- endfor -%}
  {{ return(names) }}
{% endmacro %}
