-- The latest version of each permit, and the numbers without a permit, by state.
select
  permit_state_zh,
  count(*) as "单位数",
  count(*) filter (where management_level = '重点管理') as "重点管理",
  count(*) filter (where management_level = '简化管理') as "简化管理",
  count(*) filter (where exceeded_days > 0) as "近12个月有超标",
  count(*) filter (where open_items > 0) as "有未销号问题"
from marts.fixed_sources
where is_current
group by permit_state_zh
order by 2 desc, 1
