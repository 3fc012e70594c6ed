-- Scores of the last three years with data.
select
  scheme, year, scored_on, subject, subject_kind, item, score, full_marks, score_pct, change, value, unit, warehouse_value, evidence_gap,
  indicator_id, previous_score, change_pct, weight, result, consequence, document_no, is_flagged
from marts.scores
where year > (select max(year) - 3 from marts.scores)
order by year desc, scheme, subject_kind, subject_rank, subject, item
