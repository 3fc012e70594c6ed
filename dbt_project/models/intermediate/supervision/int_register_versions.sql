with
versions as (
  select
    entries.*,
    lead(version_from) over (partition by register, {{ folded('entry_id') }} order by version_from) as next_of_entry,
    lag(entry_class) over (partition by register, {{ folded('entry_id') }} order by version_from) as previous_class,
    row_number() over (partition by register, {{ folded('entry_id') }} order by version_from) as version_number
  from {{ ref('int_register_rows') }} as entries
),

lists as (
  select
    register,
    version_from,
    lead(version_from) over (partition by register order by version_from) as next_of_list
  from (select distinct register, version_from from versions where is_replaced_as_a_whole) as issues
)

select
  versions.*,
  least(
    {{ days_after('coalesce(lists.next_of_list, versions.next_of_entry)', '-1') }},
    versions.ended_on
  ) as version_to,
  coalesce(lists.next_of_list, versions.next_of_entry) as next_version,
  coalesce(versions.event in ('注销', '撤销', '吊销'), false) as is_ending_event
from versions
left join lists on versions.register = lists.register and versions.version_from = lists.version_from
