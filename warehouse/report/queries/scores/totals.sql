-- Each subject's total and rank, the latest year of a scheme first.
select scheme, year, subject_kind, subject, any_value(subject_total) as subject_total, any_value(subject_rank) as subject_rank,
  any_value(result) filter (where result <> '') as result
from marts.scores
where subject_total is not null
group by scheme, year, subject_kind, subject
order by year desc, scheme, subject_kind, subject_rank, subject
