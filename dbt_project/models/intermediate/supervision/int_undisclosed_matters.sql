with
build as ({{ county_now() }}),

lists as (select * from {{ ref('stg_key_units') }}),

units as (
  select
    matters.matter,
    matters.due_month_day,
    lists.unit_name,
    lists.permit_number,
    lists.township,
    extract(year from lists.listed_on) as first_year,
    extract(year from coalesce(lists.removed_on, build.today)) as last_year,
    lists.flags is not null as is_flagged,
    lists.source_row
  from {{ ref('listed_disclosures') }} as matters
  cross join build
  inner join lists
    on
      lists.list_name = case
        when matters.list_if_empty is null then matters.list_name
        when matters.list_name in (select list_name from lists) then matters.list_name
        else matters.list_if_empty
      end
),

due as (
  select
    units.matter,
    units.unit_name,
    years.year,
    max(units.permit_number) as permit_number,
    max(units.township) as township,
    max(units.due_month_day) as due_month_day,
    bool_or(units.is_flagged) as is_flagged,
    max(units.source_row) as source_row
  from units
  inner join (select 2000 + number as year from ({{ whole_numbers(100) }}) as numbers) as years
    on years.year between units.first_year and units.last_year
  group by units.matter, units.unit_name, years.year
),

passed as (
  select
    due.*,
    cast(
      cast(case when due.due_month_day = '12-31' then due.year else due.year + 1 end as string)
      || '-' || due.due_month_day as date
    ) as deadline
  from due
)

select passed.*
from passed
cross join build
left join {{ ref('stg_disclosures') }} as disclosures
  on
    passed.matter = disclosures.matter
    and passed.year = disclosures.year
    and (
      {{ folded('passed.unit_name') }} = {{ folded('disclosures.discloser') }}
      or upper(passed.permit_number) = upper(disclosures.permit_number)
    )
where passed.deadline < build.today and disclosures.matter is null
