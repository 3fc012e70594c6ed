{# Rights bought and sold, in each year that the validity of the trade touches; without one from its year on. #}
with
years as (
  select cast(2015 + number as bigint) as year from ({{ whole_numbers(30) }}) as numbers
),

trades as (
  select
    pollutant,
    seller,
    upper(seller_permit) as seller_permit,
    buyer,
    upper(buyer_permit) as buyer_permit,
    quantity,
    extract(year from coalesce(valid_from, traded_on)) as first_year,
    extract(year from valid_to) as last_year
  from {{ ref('stg_discharge_right_trades') }}
),

sides as (
  select pollutant, buyer as object, buyer_permit as permit_number, quantity as bought, 0e0 as sold, first_year, last_year
  from trades
  union all
  select pollutant, seller as object, seller_permit as permit_number, 0e0 as bought, quantity as sold, first_year, last_year
  from trades
)

select
  sides.pollutant as control_item,
  years.year,
  sides.permit_number,
  case when sides.permit_number is null then {{ folded('sides.object') }} end as folded_object,
  sum(sides.bought) as trades_in,
  sum(sides.sold) as trades_out
from sides
inner join years on years.year >= sides.first_year and (sides.last_year is null or years.year <= sides.last_year)
group by sides.pollutant, years.year, sides.permit_number, case when sides.permit_number is null then {{ folded('sides.object') }} end
