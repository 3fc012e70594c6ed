{# The latest year of each object that a list of expected items names. #}
with
rows_of_ledgers as (select * from {{ ref('int_ledger_rows') }}),

expected as (
  select
    rows_of_ledgers.*,
    extract(year from opened_at) as expected_year,
    row_number() over (
      partition by dataset, object order by opened_at desc, item_id desc
    ) as newest
  from rows_of_ledgers
  where is_expected_item
),

items as (select * from rows_of_ledgers where not is_expected_item)

select expected.*
from expected
left join items
  on
    expected.ledger = items.ledger
    and {{ folded('expected.object') }} = {{ folded('items.object') }}
    and (expected.is_still_open is not null or extract(year from items.opened_at) = expected.expected_year)
where
  items.item_id is null
  and (expected.is_still_open is null or (expected.newest = 1 and expected.is_still_open))
