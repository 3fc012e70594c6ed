-- The data duties of the plans; those that wait for data first. Datasets and marts by their titles.
with datasets as (
  select map_from_entries(array_agg((item_id, item_zh))) as titles
  from (
    select item_id, any_value(item_zh) as item_zh
    from marts.department_responsibilities
    where item_kind = 'dataset'
    group by item_id
  )
),
tables as (
  select map_from_entries(array_agg((name, title_zh))) as titles from mart_titles
)
select
  function_id, duty_zh, archetype_zh, state_zh, latest_period, latest_received_at, missing_datasets, departments_zh,
  '规划' || plan as "规划册", section, quote, rule_zh, missing_thresholds_zh,
  array_to_string(
    list_transform(
      split(duties.datasets, '; '),
      part -> array_to_string(list_transform(split(part, '|'), name -> coalesce(datasets.titles[name], name)), '或')
    ), '；'
  ) as datasets,
  array_to_string(list_transform(split(duties.marts, '; '), name -> coalesce(tables.titles[name], name)), '；') as marts,
  needed_datasets, delivered_datasets
from marts.plan_duties as duties
cross join datasets
cross join tables
order by state = 'served', function_id
