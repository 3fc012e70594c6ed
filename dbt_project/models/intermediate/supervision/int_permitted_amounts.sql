{# Annual limits of the permits in each year: of the whole works where there is one, else the outlets' together. A
   limit that was changed counts as it stood at the end of the year, one whose row names no amount as before; in
   years after the permit's end nothing is permitted. #}
with
build as ({{ county_now() }}),

years as ({{ supervised_years() }}),

limits as (
  select
    upper(permit_number) as permit_number,
    unit_name,
    outlet_code,
    pollutant,
    effective_from,
    lead(effective_from) over (partition by upper(permit_number), outlet_code, pollutant order by effective_from) as replaced_on,
    annual_limit
  from {{ ref('stg_permit_limits') }}
  where annual_limit is not null
),

latest as (
  select
    permit_number,
    unit_name,
    count(*) over (partition by {{ folded('unit_name') }}) as namesakes,
    case when event in ('注销', '撤销', '吊销') then version_from end as ended_on
  from {{ ref('int_permit_versions') }}
  where next_version is null
)

select
  limits.permit_number,
  limits.pollutant,
  years.year,
  coalesce(
    max(latest.unit_name || case when latest.namesakes > 1 then '·' || limits.permit_number else '' end),
    max(limits.unit_name),
    limits.permit_number
  ) as unit_name,
  coalesce(
    max(case when limits.outlet_code = '全厂' then limits.annual_limit end),
    sum(case when limits.outlet_code <> '全厂' then limits.annual_limit end)
  ) as permitted
from limits
cross join build
inner join years
  on
    years.last_day >= limits.effective_from
    and (limits.replaced_on is null or years.last_day < limits.replaced_on)
    and years.first_day <= build.today
left join latest on limits.permit_number = latest.permit_number
where latest.ended_on is null or latest.ended_on >= years.first_day
group by limits.permit_number, limits.pollutant, years.year
