{% set final_steps = ['综合利用', '处置', '资源化利用', '回填', '焚烧', '热解气化', '厌氧发酵', '填埋'] %}
with
build as ({{ county_now() }}),

numbers as ({{ supervision_numbers(['manifest_difference']) }}),

terms as (
  select threshold_id, try_cast(value as int) as days
  from {{ ref('supervision_thresholds') }}
  where applies_to = 'movement_chains' and unit = '天'
),

legs as (
  select
    legs.*,
    row_number() over (partition by legs.dataset, legs.chain_id order by legs.sent_at, length(legs.movement_id), legs.movement_id) as leg,
    count(*) over (partition by legs.dataset, legs.chain_id) as legs,
    {{ folded('legs.from_place') }} = {{ folded('legs.to_place') }} as is_internal,
    legs.received_at is not null or legs.received is not null as is_confirmed,
    100e0 * (legs.received - legs.sent) / nullif(legs.sent, 0) as difference_pct,
    case
      when legs.step in ({% for step in final_steps %}'{{ step }}'{{ ', ' if not loop.last }}{% endfor %}) then true
      when legs.step is not null then false
      else not coalesce(legs.to_kind = '中转站', false)
    end as is_final
  from {{ ref('int_movement_legs') }} as legs
)

select
  legs.*,
  coalesce(abs(legs.difference_pct) > numbers.manifest_difference + 1e-9, false) as is_different,
  case
    when legs.is_internal then 'internal'
    when legs.is_confirmed and abs(legs.difference_pct) > numbers.manifest_difference + 1e-9 then 'differs'
    when legs.is_confirmed then 'received'
    when build.today > {{ days_after('cast(legs.sent_at as date)', 'terms.days') }} then 'not_received'
    else 'on_way'
  end as status,
  {{ days_between('cast(legs.sent_at as date)', 'coalesce(cast(legs.received_at as date), build.today)') }} as days_on_way
from legs
cross join build
cross join numbers
inner join terms on legs.term_id = terms.threshold_id
