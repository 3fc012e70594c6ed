-- The key projects, each once; those that need attention first.
select
  project_id, name_zh, category, lateness_zh, status, progress, planned_progress, progress_gap, investment,
  cumulative_investment, investment_done_pct, planned_start, months_late, project_unit, township, nature,
  reported_month, issues, description_zh, source_table, same_as, differences_zh, is_flagged
from marts.key_projects
where is_counted
order by
  case lateness
    when 'stopped' then 0 when 'end_overdue' then 1 when 'start_overdue' then 2 when 'behind' then 3
    when 'not_reported' then 4 when 'on_time' then 5 when 'not_due' then 6 else 7
  end,
  months_late desc nulls last,
  project_id
