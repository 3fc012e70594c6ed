-- How many of those who must be visited were, by kind of visit.
select
  visit_kind,
  count(*) filter (where required_visits is not null) as "应检对象",
  count(*) filter (where status in ('covered', 'due_soon')) as "已覆盖",
  count(*) filter (where status = 'due_soon') as "临期",
  count(*) filter (where status = 'missed') as "未覆盖",
  count(*) filter (where status = 'never') as "从未检查",
  100.0 * count(*) filter (where status in ('covered', 'due_soon'))
  / nullif(count(*) filter (where required_visits is not null), 0) as "覆盖率（%）",
  sum(problems) as "发现问题",
  sum(undisclosed_penalties) as "未公开处罚"
from marts.visit_coverage
group by visit_kind
order by count(*) filter (where status in ('missed', 'never')) desc, visit_kind
