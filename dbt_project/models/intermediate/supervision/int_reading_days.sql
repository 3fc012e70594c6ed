{# Days of all reading datasets with the limit of permits and thresholds that judges what has no limit of its
   own; a day in two years of the lake is one. #}
{% set datasets = archetype_declarations()['readings'] | rejectattr('roles.summed_by', 'defined') | list %}
with
days as (
  {% for entry in datasets %}
  select
    days.*,
    '{{ entry.domain }}' as domain,
    '{{ entry.types[entry.roles.time.fields[0]] }}' as time_type,
    {{ 'true' if entry.types[entry.roles.time.fields[0]] == 'datetime' and entry.cadence == 'daily' else 'false' }} as is_continuous,
    {{ 'true' if has_role(entry, 'judged_elsewhere') else 'false' }} as is_judged_elsewhere
  from {{ ref('int_days_of_' ~ entry.dataset) }} as days
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

permits as (
  select
    upper(permit_number) as permit_number,
    outlet_code,
    pollutant,
    effective_from,
    lead(effective_from) over (partition by upper(permit_number), outlet_code, pollutant order by effective_from) as replaced_on,
    concentration_limit,
    coalesce(concentration_unit, case when outlet_code like 'DW%' then 'mg/L' else 'mg/m³' end) as unit
  from {{ ref('stg_permit_limits') }}
  where concentration_limit is not null
),

units as (
  select
    unit,
    dimension,
    cast(to_canonical_numerator as double) / to_canonical_denominator as factor
  from {{ ref('contract_units') }}
),

thresholds as (
  select
    limits.dataset,
    limits.item,
    min(try_cast(numbers.value as double)) as limit_value
  from {{ ref('reading_limits') }} as limits
  inner join {{ ref('supervision_thresholds') }} as numbers on limits.threshold_id = numbers.threshold_id
  group by limits.dataset, limits.item
  {% for determinand in ['effluent_cod', 'effluent_ammonia', 'effluent_phosphorus'] %}
  union all
  select
    'wastewater_plants' as dataset,
    '{{ lake_title('wastewater_plants', determinand) }}' as item,
    min(limits.limit_value) as limit_value
  from {{ ref('effluent_limits') }} as limits
  cross join ({{ county_now() }}) as build
  where
    limits.determinand = '{{ determinand }}'
    and limits.valid_from <= build.today
    and (limits.valid_to is null or limits.valid_to >= build.today)
  {% endfor %}
)

select
  days.*,
  coalesce(
    permits.concentration_limit * limit_units.factor / value_units.factor,
    case when limit_units.unit is null or permits.unit = days.unit then permits.concentration_limit end,
    thresholds.limit_value
  ) as other_limit,
  case
    when permits.concentration_limit is not null then 'permit'
    when thresholds.limit_value is not null then 'threshold'
  end as other_limit_basis
from days
left join permits
  on
    days.dataset = 'outlet_readings'
    and days.permit_number = permits.permit_number
    and days.point = permits.outlet_code
    and days.item = permits.pollutant
    and days.day >= permits.effective_from
    and (permits.replaced_on is null or days.day < permits.replaced_on)
left join units as limit_units on permits.unit = limit_units.unit
left join units as value_units on days.unit = value_units.unit and limit_units.dimension = value_units.dimension
left join thresholds on days.dataset = thresholds.dataset and days.item = thresholds.item
