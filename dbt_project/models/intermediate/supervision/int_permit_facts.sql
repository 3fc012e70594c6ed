{# What other data hold of a permit number: the latest year with amounts, limits, readings, visits, items. #}
{% set pollutants = {
  'cod': '化学需氧量', 'ammonia': '氨氮', 'so2': '二氧化硫', 'nox': '氮氧化物', 'particulate': '颗粒物', 'voc': '挥发性有机物',
} %}
with
build as ({{ county_now() }}),

amounts as (
  select * from {{ ref('int_source_emissions') }}
),

quotas as (
  select permit_number, year, control_item, available
  from {{ ref('quota_balances') }}
  where kind = 'emission' and object_level = '单位' and cap_basis = 'allocated' and permit_number is not null
),

years as (
  select permit_number, max(year) as facts_year
  from amounts
  group by permit_number
),

limits as (
  select
    entries.permit_number,
    count(distinct case when entries.object <> '全厂' then entries.object end) as outlets,
    {{ joined_values('entries.item') }} as limited_pollutants
  from {{ ref('register_entries') }} as entries
  where entries.register = 'permit_limits' and entries.is_current
  group by entries.permit_number
),

permitted as (
  select * from {{ ref('int_permitted_amounts') }}
),

readings as (
  select
    permit_number,
    count(distinct point) as monitored_outlets,
    sum(case when exceedances > 0 then 1 else 0 end) as exceeded_days,
    100e0 * sum(valid_readings) / nullif(sum(expected_readings), 0) as uptime_pct,
    bool_or(is_flagged) as is_flagged
  from {{ ref('reading_periods') }}
  cross join build
  where
    dataset = 'outlet_readings'
    and period = 'day'
    and period_start >= {{ months_after('build.today', '-12') }}
  group by permit_number
),

{# A visit that names no number is one to the permit held under that name. #}
visits as (
  select
    coalesce(visits.permit_number, names.permit_number) as permit_number,
    max(visits.visited_on) as last_inspected_on,
    count(case when visits.visited_on >= {{ months_after('build.today', '-12') }} then 1 end) as inspections_12m,
    max(case when visits.decision is not null then coalesce(visits.decided_on, visits.visited_on) end) as last_penalty_on,
    sum(visits.penalty_amount) as penalties_total,
    bool_or(visits.is_flagged) as is_flagged
  from {{ ref('int_visits') }} as visits
  cross join build
  left join {{ ref('int_permit_names') }} as names on {{ folded('visits.object') }} = names.folded_name
  where visits.permit_number is not null or names.permit_number is not null
  group by coalesce(visits.permit_number, names.permit_number)
),

items as (
  select
    permit_number,
    count(case when status in ('open', 'due_soon', 'overdue', 'no_deadline', 'done_not_closed') then 1 end) as open_items,
    count(case when dataset = 'disclosures' and deadline between {{ months_after('build.today', '-12') }} and build.today then 1 end)
      as disclosures_due,
    count(
      case
        when
          dataset = 'disclosures'
          and deadline between {{ months_after('build.today', '-12') }} and build.today
          and closed_on is not null
          then 1
      end
    ) as disclosures_done,
    bool_or(is_flagged) as is_flagged
  from {{ ref('ledger_items') }}
  cross join build
  where permit_number is not null
  group by permit_number
),

plots as (
  select permit_number, max(object_code) as soil_plot_code
  from {{ ref('register_entries') }}
  where register = 'soil_plots' and permit_number is not null
  group by permit_number
),

{# Without amounts of any year, permits and quotas are those of this year. #}
named as (
  select
    permits.permit_number,
    years.facts_year,
    coalesce(years.facts_year, cast(extract(year from build.today) as bigint)) as shown_year
  from (select distinct permit_number from {{ ref('int_named_permits') }}) as permits
  cross join build
  left join years on permits.permit_number = years.permit_number
)

select
  named.permit_number,
  named.facts_year,
  {% for name, pollutant in pollutants.items() %}
  {{ name }}_permitted.permitted as {{ name }}_permitted_t,
  {{ name }}_quota.available as {{ name }}_quota_t,
  {{ name }}_amounts.declared as {{ name }}_declared_t,
  {{ name }}_amounts.monitored as {{ name }}_monitored_t,
  {% endfor %}
  coalesce(limits.outlets, 0) as outlets,
  nullif(limits.limited_pollutants, '') as limited_pollutants,
  coalesce(readings.monitored_outlets, 0) as monitored_outlets,
  coalesce(readings.exceeded_days, 0) as exceeded_days,
  readings.uptime_pct,
  visits.last_inspected_on,
  coalesce(visits.inspections_12m, 0) as inspections_12m,
  visits.last_penalty_on,
  visits.penalties_total,
  coalesce(items.open_items, 0) as open_items,
  coalesce(items.disclosures_due, 0) as disclosures_due,
  coalesce(items.disclosures_done, 0) as disclosures_done,
  plots.soil_plot_code,
  coalesce(readings.is_flagged, false) or coalesce(visits.is_flagged, false) or coalesce(items.is_flagged, false) as is_flagged
from named
left join limits on named.permit_number = limits.permit_number
left join readings on named.permit_number = readings.permit_number
left join visits on named.permit_number = visits.permit_number
left join items on named.permit_number = items.permit_number
left join plots on named.permit_number = plots.permit_number
{% for name, pollutant in pollutants.items() %}
left join amounts as {{ name }}_amounts
  on
    named.permit_number = {{ name }}_amounts.permit_number
    and named.facts_year = {{ name }}_amounts.year
    and {{ name }}_amounts.pollutant = '{{ pollutant }}'
left join permitted as {{ name }}_permitted
  on
    named.permit_number = {{ name }}_permitted.permit_number
    and named.shown_year = {{ name }}_permitted.year
    and {{ name }}_permitted.pollutant = '{{ pollutant }}'
left join quotas as {{ name }}_quota
  on
    named.permit_number = {{ name }}_quota.permit_number
    and named.shown_year = {{ name }}_quota.year
    and {{ name }}_quota.control_item = '{{ pollutant }}'
{% endfor %}
