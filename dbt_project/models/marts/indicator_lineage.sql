{# A value that many lines of one submission went into has one row for them: first line, last line and
   how many of the lines between them it were. #}
with
measured as (
  select
    indicators.indicator_id,
    amounts.year,
    amounts.area,
    {{ each_of('amounts.source_rows') }} as source_row
  from {{ ref('int_indicators') }} as indicators
  inner join {{ ref('int_quantities') }} as amounts on indicators.quantity = amounts.quantity
  where indicators.areas = 'county+township' or amounts.area = {{ county() }}
),

row_keys as (
  select
    indicator_id,
    year,
    area,
    {{ row_key_part('source_row', 'dataset') }} as dataset,
    {{ row_key_part('source_row', 'submission_id') }} as submission_id,
    cast({{ row_key_part('source_row', 'first_row') }} as bigint) as first_row,
    cast({{ row_key_part('source_row', 'last_row') }} as bigint) as last_row,
    cast({{ row_key_part('source_row', 'rows') }} as bigint) as row_count,
    {{ row_key_part('source_row', 'cells') }} as source_cells
  from (select distinct indicator_id, year, area, source_row from measured) as distinct_rows
),

counted as (
  select
    *,
    sum(row_count) over (partition by indicator_id, year, area, dataset, submission_id) as of_submission
  from row_keys
),

{# Up to the bound each line keeps a row of its own; of more, the submission has one. #}
lines as (
  select
    indicator_id,
    year,
    area,
    dataset,
    submission_id,
    min(first_row) as first_row,
    max(last_row) as last_row,
    cast(sum(row_count) as bigint) as row_count,
    case when count(*) = 1 then min(source_cells) else '' end as source_cells
  from counted
  group by
    indicator_id,
    year,
    area,
    dataset,
    submission_id,
    case when of_submission <= {{ var('lineage_rows_listed') }} then first_row end,
    case when of_submission <= {{ var('lineage_rows_listed') }} then source_cells end
)

select
  lines.indicator_id,
  lines.year,
  lines.area,
  lines.dataset,
  lines.submission_id,
  submissions.file_name,
  lines.first_row as row_number,
  lines.last_row,
  lines.row_count,
  lines.source_cells,
  submissions.sheet,
  submissions.department,
  submissions.received_at
from lines
inner join {{ source('intake', 'submissions') }} as submissions
  on lines.submission_id = submissions.submission_id
order by lines.indicator_id, lines.year, lines.area, submissions.received_at, lines.first_row, lines.source_cells
