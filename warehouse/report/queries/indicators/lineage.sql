-- The lines of the files from which the county's value of each year is computed. Adjacent lines are
-- one stretch; of many stretches the first eight are listed. Times are in the county's zone (UTC+8).
with
marked as (
  select
    *,
    row_number - sum(row_count) over (
      partition by indicator_id, year, dataset, submission_id order by row_number
    ) + row_count as stretch
  from marts.indicator_lineage
  where area = '全县'
),

stretches as (
  select
    indicator_id, year, dataset, file_name, sheet, department, received_at, submission_id,
    min(row_number) as first_row,
    max(last_row) as last_row,
    sum(row_count) as row_count
  from marked
  group by
    indicator_id, year, dataset, file_name, sheet, department, received_at, submission_id, stretch
),

files as (
  select
    indicator_id, year, dataset, file_name, sheet, department, received_at, submission_id,
    list(
      case when first_row = last_row then cast(first_row as varchar) else first_row || '–' || last_row end
      order by first_row
    ) as texts,
    cast(sum(row_count) as bigint) as row_count
  from stretches
  group by indicator_id, year, dataset, file_name, sheet, department, received_at, submission_id
)

select
  indicator_id,
  year,
  dataset,
  file_name,
  sheet,
  array_to_string(texts[:8], '、') || case when len(texts) > 8 then '……' else '' end as row_number,
  row_count,
  department,
  received_at + interval 8 hour as received_at,
  submission_id
from files
order by indicator_id, year desc, received_at, file_name, sheet
