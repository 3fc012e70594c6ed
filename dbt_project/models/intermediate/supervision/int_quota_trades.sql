{# Rights bought and sold, in each year that the validity of the trade touches; without one from its year on. A side
   that names no permit is the holder of the permit under that name. #}
with
years as ({{ supervised_years() }}),

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
  {% for side, bought, sold in [('buyer', 'quantity', '0e0'), ('seller', '0e0', 'quantity')] %}
  select
    trades.pollutant,
    {{ folded('trades.' ~ side) }} as folded_object,
    coalesce(trades.{{ side }}_permit, names.permit_number) as permit_number,
    {{ bought }} as bought,
    {{ sold }} as sold,
    trades.first_year,
    trades.last_year
  from trades
  left join {{ ref('int_permit_names') }} as names on {{ folded('trades.' ~ side) }} = names.folded_name
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  sides.pollutant as control_item,
  years.year,
  sides.permit_number,
  sides.folded_object,
  sum(sides.bought) as trades_in,
  sum(sides.sold) as trades_out
from sides
inner join years on years.year >= sides.first_year and (sides.last_year is null or years.year <= sides.last_year)
group by sides.pollutant, years.year, sides.permit_number, sides.folded_object
