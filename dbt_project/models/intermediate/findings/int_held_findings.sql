select
  'submission_held' as rule,
  holds.submission_id as subject,
  holds.indicator_ids,
  submissions.dataset,
  cast(null as bigint) as year,
  cast(null as string) as area,
  holds.submission_id,
  cast(null as string) as expected,
  cast(holds.rows_waiting as string) || ' 行' as observed,
  '“' || submissions.file_name || '”' || {{ in_brackets('submissions.sheet') }} || '暂缓采用：' || holds.reason
    || '其中的数据没有计入，此前报送的数据仍然有效。请更正后重新报送；核实无误的，请联系数据组恢复采用。' as detail_zh
from {{ source('intake', 'holds') }} as holds
inner join {{ source('intake', 'submissions') }} as submissions
  on holds.submission_id = submissions.submission_id
where holds.rows_waiting > 0
