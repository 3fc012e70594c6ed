-- Numbers of assigned and unassigned items by year.
select
  year,
  item_kind_zh,
  count(*) filter (where assignment = 'assigned') as "已落实到责任人",
  count(*) filter (where assignment = 'no_person') as "未落实责任人",
  count(*) filter (where assignment = 'unassigned') as "未分解落实"
from marts.work_plan
group by year, item_kind_zh
order by year desc, item_kind_zh
