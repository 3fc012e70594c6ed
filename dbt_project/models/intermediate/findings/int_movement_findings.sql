{# Movements: received before sent, receipts without a quantity, steps out of order, sender and receiver alike. #}
{% set within_a_unit = ['产生', '收集', '入库贮存', '出库', '综合利用', '处置'] %}
{% set days = {'sent_at': ['发出', 'legs.sent_at'], 'received_at': ['接收', 'legs.received_at']} %}
{% set out_of_order = [] %}
{% for earlier, later in days_in_order()['movement'] %}
{% do out_of_order.append((
  'movement_dates',
  days[later][1] ~ ' < ' ~ days[earlier][1],
  "'" ~ days[later][0] ~ '不早于' ~ days[earlier][0] ~ "'",
  "'" ~ days[earlier][0] ~ " ' || cast(" ~ days[earlier][1] ~ " as string) || '，"
    ~ days[later][0] ~ " ' || cast(" ~ days[later][1] ~ ' as string)',
)) %}
{% endfor %}
with
legs as (select * from {{ ref('int_movement_statuses') }}),

after_treatment as (
  select later.dataset, later.movement_id
  from legs as later
  inner join legs as earlier
    on
      later.dataset = earlier.dataset
      and later.chain_id = earlier.chain_id
      and earlier.leg < later.leg
      and earlier.is_final
      and earlier.sent_at < later.sent_at
  where later.step = '产生'
  group by later.dataset, later.movement_id
),

judged as (
  {% for rule, condition, expected, observed in out_of_order + [
    ('movement_incomplete', '(legs.received_at is null) <> (legs.received is null)', "'接收日期和接收量一并填写'",
     "case when legs.received is null then '有接收日期，无接收量' else '有接收量，无接收日期' end"),
    ('movement_order', 'after_treatment.movement_id is not null', "'产生在利用处置之前'",
     "cast(cast(legs.sent_at as date) as string) || ' 产生，此前已利用或处置'"),
    ('movement_same_place',
     "legs.has_receiver and legs.is_internal and not coalesce(legs.step in ('" ~ within_a_unit | join("', '") ~ "'), false)",
     "'接收方与移出方不同'", 'legs.from_place'),
  ] %}
  select
    '{{ rule }}' as rule,
    legs.dataset,
    legs.movement_id as subject,
    extract(year from legs.sent_at) as year,
    legs.township as area,
    legs.source_row,
    {{ expected }} as expected,
    {{ observed }} as observed
  from legs
  left join after_treatment
    on legs.dataset = after_treatment.dataset and legs.movement_id = after_treatment.movement_id
  where {{ condition }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

{{ findings_of_cases('judged') }}
