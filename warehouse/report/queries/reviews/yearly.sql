-- The yearly review.
select
  indicator_id, name_zh, status_zh, previous_status_zh, review_year, unit, value, previous_value, change,
  milestone_value, milestone_gap, target_comparator, target_in_force, progress_pct, needed_per_year, projected_2025,
  is_projected_to_attain, nature, domain_zh, responsible_department_zh, baseline_2020_raw, is_flagged
from marts.review_yearly
where nature is not null
order by
  case status
    when 'regressed' then 0 when 'behind' then 1 when 'on_track' then 2 when 'attained' then 3
    when 'target_not_assigned' then 4 else 5
  end,
  indicator_id
