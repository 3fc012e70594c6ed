-- How many of the duties have the data that they need, by mechanism.
select
  archetype_zh,
  count(*) as "职责数",
  count(*) filter (where state = 'served') as "已支撑",
  count(*) filter (where state <> 'served') as "待数据",
  count(*) filter (where missing_thresholds <> '') as "缺少限值"
from marts.plan_duties
group by archetype_zh
order by count(*) desc, archetype_zh
