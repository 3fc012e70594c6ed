{# Versions of permits; dates that a decision does not name are carried on. #}
with
versions as (
  select
    upper(permit_number) as permit_number,
    decided_on as version_from,
    lead(decided_on) over (partition by upper(permit_number) order by decided_on) as next_version,
    unit_name,
    event,
    management_level,
    industry,
    township,
    zone_code,
    max_by(valid_from, case when valid_from is not null then decided_on end) over earlier as valid_from,
    max_by(valid_to, case when valid_to is not null then decided_on end) over earlier as valid_to,
    valid_to as delivered_valid_to,
    flags is not null as is_flagged
  from {{ ref('stg_discharge_permits') }}
  window earlier as (partition by upper(permit_number) order by decided_on rows between unbounded preceding and current row)
)

select
  versions.*,
  {{ days_after('next_version', '-1') }} as version_to,
  version_from <= build.today and (next_version is null or next_version > build.today) as is_current
from versions
cross join ({{ county_now() }}) as build
