with
entries as (
  select
    permit_number,
    register_zh,
    entry_class,
    version_from,
    is_current,
    state,
    row_number() over (partition by permit_number, register_zh, is_current order by version_from desc) as newest
  from {{ ref('register_entries') }}
  where register = 'key_units' and permit_number is not null
)

select
  permit_number,
  nullif({{ joined_values('case when is_current then register_zh end') }}, '') as lists,
  max(case when register_zh = '重污染天气绩效分级' and is_current and newest = 1 then entry_class end) as performance_grade,
  max(case when register_zh = '重污染天气绩效分级' and is_current and newest = 1 then version_from end) as graded_on,
  bool_or(register_zh = '土壤污染重点监管单位' and state <> 'future') as is_soil_priority
from entries
group by permit_number
