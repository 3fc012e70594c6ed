with
gaps as (
  {% for dataset in checked_datasets('periods') %}
  {{ period_gaps(dataset) }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

named_gaps as (
  select
    gaps.*,
    {{ period_name('first_missing', 'per_year') }} as first_period,
    {{ period_name('last_missing', 'per_year') }} as last_period
  from gaps
),

townships as (
  {% for dataset in checked_datasets('townships') %}
  {{ townships_delivered(dataset) }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

missing_townships as (
  select
    years.dataset,
    years.year,
    count(*) as missing,
    {{ joined_values('areas.area') }} as names
  from (select distinct dataset, year from townships) as years
  inner join {{ ref('contract_areas') }} as areas on areas.kind = 'township'
  left join townships
    on
      years.dataset = townships.dataset
      and years.year = townships.year
      and areas.area = townships.township
  where townships.township is null
  group by years.dataset, years.year
),

objects as (
  {% for dataset in checked_datasets('objects') %}
  {{ objects_delivered(dataset) }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

-- A year that is not over may still lack some.
shrunk as (
  select objects.dataset, objects.year, earlier.objects as before, objects.objects as after
  from objects
  inner join objects as earlier
    on objects.dataset = earlier.dataset and objects.year = earlier.year + 1
  cross join {{ source('intake', 'build') }} as build
  where objects.objects < earlier.objects and objects.year < extract(year from build.today)
)

select
  'missing_periods' as rule,
  dataset,
  {{ whole_quotient('first_missing', 'per_year') }} as year,
  area,
  item,
  first_period as identity,
  '逐期连续' as expected,
  case when first_missing = last_missing then '' else first_period || '至' end || last_period
    || '缺报' as observed,
  cast(steps as double) as amount,
  1 as step
from named_gaps
union all
select
  'missing_townships' as rule,
  dataset,
  year,
  cast(null as string) as area,
  '' as item,
  cast(null as string) as identity,
  '各乡镇都有' as expected,
  '缺' || names as observed,
  cast(missing as double) as amount,
  1 as step
from missing_townships
union all
select
  'coverage_shrinks' as rule,
  dataset,
  year,
  cast(null as string) as area,
  '' as item,
  cast(null as string) as identity,
  cast(before as string) || '个' as expected,
  cast(after as string) || '个' as observed,
  cast(before - after as double) as amount,
  before / 100e0 as step
from shrunk
