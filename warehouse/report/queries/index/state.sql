-- One row per subject of the first screen's last part: numbers, and the level that they amount to.
with
alerts as (
  select count(*) as total, count(*) filter (where is_alert) as marked, count(*) filter (where is_serious) as serious
  from marts.alerts_daily
  where kind <> 'overdue' and day > getvariable('until') - 7 and day <= getvariable('until')
),

overdue as (
  select
    count(*) filter (where due_on is not null) as total,
    count(*) filter (where due_on < getvariable('until') and received_on is null) as marked
  from marts.department_scorecard
),

findings as (
  select count(*) as total, count(*) filter (where severity = 'critical') as marked
  from marts.findings
  where state <> 'mended'
),

projects as (
  select
    count(*) as total,
    count(*) filter (where lateness in ('behind', 'stopped', 'start_overdue', 'end_overdue')) as marked,
    count(*) filter (where lateness = 'not_reported') as others
  from marts.key_projects
  where is_counted
)

select 'alerts' as subject, total, marked, null as others,
  case when total = 0 then 'none' when serious > 0 then 'serious' when marked > 0 then 'alert' else 'good' end as level
from alerts
union all
select 'overdue', total, marked, null, case when marked > 0 then 'alert' else 'good' end from overdue
union all
select 'findings', total, marked, null, case when marked > 0 then 'serious' when total > 0 then 'alert' else 'good' end
from findings
union all
select 'projects', total, marked, others, case when marked > 0 then 'alert' when others > 0 then 'none' else 'good' end
from projects
