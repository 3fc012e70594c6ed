-- Each ledger: what is open, overdue, closed, and the share that is closed of what was opened.
select
  ledger,
  count(*) as "事项数",
  count(*) filter (where closed_on is null) as "未销号",
  count(*) filter (where status = 'overdue') as "逾期未完成",
  count(*) filter (where status = 'not_listed') as "未挂账",
  count(*) filter (where status in ('closed', 'closed_late')) as "已销号",
  100.0 * count(*) filter (where status in ('closed', 'closed_late')) / count(*) as "销号率（%）",
  min(opened_at) filter (where closed_on is null) as "最早未销号"
from marts.ledger_items
where status is not null
group by ledger
order by 4 desc, 3 desc, 1
