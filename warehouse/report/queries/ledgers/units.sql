-- Items that are to be settled, by the unit that has to settle them.
select
  coalesce(responsible_unit, '未写明') as responsible_unit,
  count(*) filter (where closed_on is null) as "未销号",
  count(*) filter (where status = 'overdue') as "逾期未完成",
  count(*) filter (where status = 'due_soon') as "临期",
  count(*) filter (where status in ('open', 'no_deadline')) as "整改中",
  count(*) filter (where status = 'done_not_closed') as "已完成待销号",
  count(*) filter (where status = 'not_listed') as "未挂账",
  count(*) filter (where status in ('closed', 'closed_late')) as "已销号",
  max(days_overdue) filter (where status = 'overdue') as "最长逾期天数"
from marts.ledger_items
where status is not null
group by 1
order by 3 desc, 2 desc, 1
