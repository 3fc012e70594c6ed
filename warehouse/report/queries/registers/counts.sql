-- Entries of each list by state.
select
  register_zh,
  count(*) filter (where state = 'current') as "现行",
  count(*) filter (where state = 'future') as "未生效",
  count(*) filter (where state = 'ended') as "已移出",
  count(*) filter (where state = 'superseded') as "历史版本",
  count(*) filter (where is_class_changed and version_from > getvariable('since')) as "近一年类别调整",
  count(*) filter (where is_current and missing_steps_zh <> '') as "步骤未完成",
  count(*) filter (where is_current and not is_compliant) as "不达标"
from marts.register_entries
group by register_zh
order by 2 desc, 1
