{# Without any rate for the month no amount is said; with rates a month that exceeds nothing owes 0. #}
with
exceedances as (
  select
    section_name,
    month,
    {{ joined_values(
      "case determinand " ~ exceedance_titles() ~ " end || case when multiple is null then '（不计倍数）' else '（' || " ~ printed('multiple') ~ " || '倍）' end"
    ) }} as exceeded_determinands,
    count(*) as exceeded,
    max(multiple) as largest_multiple,
    {% for determinand in determinands_with_multiple() %}
    max(case when determinand = '{{ determinand }}' then multiple end) as {{ determinand }}_multiple,
    {% endfor %}
    sum(amount) as amount,
    count(amount) as rated,
    {{ joined_values('document') }} as documents
  from {{ ref('int_section_exceedances') }}
  group by section_name, month
),

months as (
  select
    classes.section_name,
    cast(classes.period_start as date) as month,
    classes.class_rank,
    classes.water_class,
    classes.basis,
    classes.is_flagged
  from {{ ref('int_water_section_classes') }} as classes
  where classes.period = 'month' and {{ is_assessed('classes.section_name') }}
),

rated_months as (
  select distinct months.month
  from months
  inner join {{ ref('section_compensation_rates') }} as rates
    on rates.valid_from <= months.month and (rates.valid_to is null or rates.valid_to >= months.month)
)

select
  months.section_name,
  months.month,
  months.month as period_start,
  sections.river_name,
  sections.township,
  sections.control_level,
  coalesce(sections.water_body_type, '河流') as water_body_type,
  sections.target_class,
  targets.class_rank as target_class_rank,
  months.water_class,
  months.class_rank as water_class_rank,
  months.class_rank <= targets.class_rank as meets_target,
  exceedances.exceeded_determinands,
  exceedances.largest_multiple,
  {% for determinand in determinands_with_multiple() %}
  exceedances.{{ determinand }}_multiple,
  {% endfor %}
  case
    when rated_months.month is null or sections.target_class is null then null
    when exceedances.section_name is null and months.class_rank <= targets.class_rank then 0
    when exceedances.rated = exceedances.exceeded then exceedances.amount
  end as compensation_amount,
  case when exceedances.rated > 0 then exceedances.documents end as rate_document,
  months.basis,
  months.is_flagged
from months
left join {{ ref('stg_water_sections') }} as sections on months.section_name = sections.section_name
left join {{ ref('water_classes') }} as targets on sections.target_class = targets.water_class
left join exceedances
  on months.section_name = exceedances.section_name and months.month = exceedances.month
left join rated_months on months.month = rated_months.month
order by months.section_name, months.month
