{# Ledgers: days that contradict each other, items closed without evidence or opened again. #}
{% set entries = archetype_declarations()['ledger'] %}
{% set days = {
  'opened': ['开始', 'items.opened_on'],
  'completed': ['完成', 'items.completed_on'],
  'deadline': ['期限', 'items.delivered_deadline'],
  'due_from': ['竣工', 'items.due_from'],
  'closed': ['销号', 'items.closed_on'],
} %}
{# In these a field of evidence says something else than what the closure rests on. #}
{% set other_evidence = ['land_change_patches', 'disclosures', 'warnings_and_events'] %}
{% set with_evidence = entries | selectattr('roles.evidence', 'defined') | map(attribute='dataset') | reject('in', other_evidence) | list %}
with
build as ({{ county_now() }}),

numbers as ({{ supervision_numbers(['acceptance_months_longest']) }}),

items as (
  select
    items.*,
    cast(opened_at as date) as opened_on
  from {{ ref('int_ledger_rows') }} as items
  where not is_expected_item
),

contradictions as (
  select
    items.*,
    case
      when items.period_year is not null then null
      when items.opened_at > build.now then '发现或发生时间 ' || cast(items.opened_on as string) || ' 在将来'
      {% for earlier, later in days_in_order()['ledger'] %}
      when {{ days[later][1] }} < {{ days[earlier][1] }}
        then '{{ days[earlier][0] }} ' || cast({{ days[earlier][1] }} as string)
          || '，{{ days[later][0] }} ' || cast({{ days[later][1] }} as string)
      {% endfor %}
    end as observed
  from items
  cross join build
),

{# Items whose latest row has no closing day while an earlier version had one. #}
reopened as (
  {% for entry in entries if has_role(entry, 'closed') and not has_role(entry, 'still_open') %}
  {% set closed = entry.roles.closed.fields[0] %}
  select
    '{{ entry.dataset }}' as dataset,
    {{ joined_key(entry) }} as item_id,
    {{ role(entry, 'township') }} as township,
    cast(max(earlier.{{ closed }}) as date) as closed_before,
    max(r.source_row) as source_row
  from {{ ref('stg_' ~ entry.dataset) }} as r
  inner join {{ source('lake', entry.dataset) }} as earlier
    on {% for key in entry.key %}r.{{ key }} = earlier.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}

  inner join {{ source('intake', 'submissions') }} as submissions on earlier.submission_id = submissions.submission_id
  where r.{{ closed }} is null and earlier.{{ closed }} is not null
  group by {{ joined_key(entry) }}, {{ role(entry, 'township') }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

black_again as (
  select
    black.item_id,
    black.object,
    black.township,
    black.source_row,
    extract(year from black.opened_at) as year,
    max(closed.closed_on) as closed_on
  from {{ ref('int_ledger_rows') }} as black
  inner join items as closed
    on black.ledger = closed.ledger and {{ folded('black.object') }} = {{ folded('closed.object') }}
  where black.is_expected_item and black.is_still_open
  group by black.item_id, black.object, black.township, black.source_row, extract(year from black.opened_at)
  having count(case when closed.closed_on is null then 1 end) = 0
),

cases as (
  select
    'ledger_dates' as rule,
    dataset,
    item_id as subject,
    extract(year from opened_at) as year,
    cast(null as string) as area,
    source_row,
    '各日期先后一致，不在将来' as expected,
    observed
  from contradictions
  where observed is not null
  union all
  select
    'ledger_no_evidence' as rule,
    dataset,
    item_id as subject,
    extract(year from opened_at) as year,
    cast(null as string) as area,
    source_row,
    '销号有依据' as expected,
    cast(closed_on as string) || ' 销号，未写依据' as observed
  from items
  where
    closed_on is not null
    and evidence is null
    and dataset in ('{{ with_evidence | join("', '") }}')
  union all
  select
    'ledger_reopened' as rule,
    dataset,
    item_id as subject,
    cast(null as bigint) as year,
    cast(null as string) as area,
    source_row,
    '已销号的事项仍为销号' as expected,
    '此前报为 ' || cast(closed_before as string) || ' 销号，更正后未填销号日期' as observed
  from reopened
  union all
  select
    'black_water_again' as rule,
    'black_odorous_water' as dataset,
    item_id as subject,
    year,
    cast(null as string) as area,
    source_row,
    cast(closed_on as string) || ' 已销号' as expected,
    cast(year as string) || '年仍为黑臭' as observed
  from black_again
  where year > extract(year from closed_on)
  union all
  select
    'acceptance_too_long' as rule,
    items.dataset,
    items.item_id as subject,
    extract(year from items.due_from) as year,
    cast(null as string) as area,
    items.source_row,
    '验收延期不超过竣工后 ' || {{ plain_number('numbers.acceptance_months_longest', 4) }} || ' 个月' as expected,
    '竣工 ' || cast(items.due_from as string) || '，延期至 ' || cast(items.delivered_deadline as string) as observed
  from items
  cross join numbers
  where items.delivered_deadline > {{ months_after('items.due_from', 'numbers.acceptance_months_longest') }}
)

{{ findings_of_cases('cases') }}
