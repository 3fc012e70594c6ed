-- The county's value of each year: which rows of which files are behind it. Neighbouring rows are
-- named as one stretch; of many stretches only the first are named.
with
own_rows as (
  select distinct indicator_id, year, dataset, submission_id, file_name, row_number
  from marts.indicator_lineage
  where area = '全县'
),

numbered as (
  select
    *,
    row_number - row_number() over (
      partition by indicator_id, year, dataset, submission_id order by row_number
    ) as stretch
  from own_rows
),

stretches as (
  select
    indicator_id, year, dataset, submission_id, file_name,
    min(row_number) as first_row,
    max(row_number) as last_row,
    count(*) as row_count
  from numbered
  group by indicator_id, year, dataset, submission_id, file_name, stretch
),

files as (
  select
    indicator_id, year, dataset, submission_id, file_name,
    list(case when first_row = last_row then cast(first_row as varchar)
      else first_row || '–' || last_row end order by first_row) as stretch_texts,
    cast(sum(row_count) as bigint) as row_count
  from stretches
  group by indicator_id, year, dataset, submission_id, file_name
)

select
  files.indicator_id,
  files.year,
  files.dataset,
  files.file_name,
  array_to_string(stretch_texts[:8], '、') || case when len(stretch_texts) > 8 then '……' else '' end as "行",
  row_count as "行数",
  submissions.department,
  submissions.received_at,
  files.submission_id
from files
left join marts.submissions as submissions on files.submission_id = submissions.submission_id
order by files.indicator_id, files.year desc, submissions.received_at, files.file_name
