{# Readings of one dataset by day, in the form that all reading datasets share (docs/supervision.md). #}


{# The whole of a model int_days_of_<dataset>: one row per series, day and unit. Hours are labelled by their
   end. A value is valid when its status is 正常 or none is given; of several measures each is a series of its
   own, named by its title. What is judged by a limit of its own row is counted here; the values without one
   stay as a list, to be judged by permits and thresholds. A value below its detection limit is within any upper
   limit. #}
{% macro reading_days(dataset) -%}
{%- set entry = (archetype_declarations()['readings'] | selectattr('dataset', 'equalto', dataset) | list)[0] -%}
{%- set time_type = entry.types[entry.roles.time.fields[0]] -%}
{%- set is_continuous = time_type == 'datetime' and entry.cadence == 'daily' -%}
{%- set measures = entry.roles.measures.fields if has_role(entry, 'measures') else [none] -%}
with
delivered as (
  {{ latest_rows(dataset) }}
),

readings as (
  {% for measure in measures %}
  select
    {{ role(entry, 'network') }} as network,
    {{ role(entry, 'kind') }} as kind,
    {{ role(entry, 'object') }} as object,
    {{ role(entry, 'point') }} as point,
    {% if measure %}
    '{{ lake_title(dataset, measure) }}' as item,
    cast(r.{{ measure }} as double) as value,
    {{ "'" ~ entry.units[measure] ~ "'" if measure in entry.units else 'cast(null as string)' }} as unit,
    {{ 'cast(r.' ~ entry.roles.limits.pairs[measure] ~ ' as double)'
       if measure in entry.roles.get('limits', {}).get('pairs', {}) else 'cast(null as double)' }} as upper_limit,
    cast(null as double) as lower_limit,
    {% else %}
    {{ role(entry, 'item') if has_role(entry, 'value') else 'cast(null as string)' }} as item,
    {{ role(entry, 'value', 'double') }} as value,
    {{ role(entry, 'unit') }} as unit,
    case when {{ role(entry, 'direction') }} = '低于报警' then null else {{ role(entry, 'limit', 'double') }} end as upper_limit,
    case
      when {{ role(entry, 'direction') }} = '低于报警' then {{ role(entry, 'limit', 'double') }}
      else {{ role(entry, 'limit_low', 'double') }}
    end as lower_limit,
    {% endif %}
    {{ role_permit(entry) }} as permit_number,
    {{ role(entry, 'township') }} as township,
    {{ role(entry, 'averaging') }} as averaging,
    {{ reading_day(entry, is_continuous) }} as day,
    {{ role(entry, 'status') }} as status,
    {{ role(entry, 'online', 'boolean') }} as is_online,
    {{ role(entry, 'compliant', 'boolean') }} as is_compliant,
    {{ role(entry, 'class') }} as class,
    {{ role(entry, 'item') if not has_role(entry, 'value') else 'cast(null as string)' }} as exceeded_items,
    {{ role(entry, 'amount', 'double') }} as amount,
    {{ role(entry, 'uptime_days', 'bigint') }} as uptime_days,
    {{ role(entry, 'method') }} as method,
    {{ role_time(entry, 'time') }} as read_at,
    {{ is_censored(entry, [measure] if measure else entry.roles.get('value', {}).get('fields', [])) }} as is_censored,
    r.flags is not null as is_flagged
  from delivered as r
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

judged as (
  select
    readings.*,
    coalesce(status in ('停产', '停工'{{ ", '停运', '未投运'" if time_type == 'month' }}), false) as is_stopped,
    coalesce(status, '正常') in ('正常', '正常运行')
    and (value is not null or {{ 'is_compliant is not null or class is not null' if not has_role(entry, 'value') and not has_role(entry, 'measures') else 'false' }})
      as is_valid,
    coalesce(unit, {{ "case when point like 'DW%' then 'mg/L' else 'mg/m³' end" if has_role(entry, 'averaging') else 'cast(null as string)' }})
      as unit_or_default,
    coalesce(round(value - upper_limit, 9) > 0, false) and not is_censored as is_above
  from readings
),

preferred as (
  select
    judged.*,
    max(case when averaging = '日' then 0 else 1 end) over (
      partition by network, kind, object, point, item, day
    ) as has_hours
  from judged
)

select
  '{{ dataset }}' as dataset,
  network,
  kind,
  object,
  point,
  item,
  day,
  unit_or_default as unit,
  max(permit_number) as permit_number,
  max(township) as township,
  coalesce(max(averaging) = '日', false) as is_daily_mean,
  count(*) as readings,
  count(case when is_valid then 1 end) as valid_readings,
  count(case when is_stopped then 1 end) as stopped_readings,
  {# A day has 24 hours, however often a device reports. #}
  {{ hours_with('is_valid', entry, is_continuous) }} as valid_hours,
  {{ hours_with('is_stopped', entry, is_continuous) }} as stopped_hours,
  count(
    case
      when not is_stopped and (coalesce(status, '正常') not in ('正常', '正常运行') or not coalesce(is_online, true)) then 1
    end
  ) as offline_readings,
  {{ six_decimals('sum(case when is_valid then value end)') }} as value_sum,
  count(case when is_valid then value end) as values_given,
  min(case when is_valid then value end) as min_value,
  max(case when is_valid then value end) as max_value,
  {{ six_decimals('sum(amount)') }} as amount,
  max(uptime_days) as uptime_days,
  count(case when is_valid and (upper_limit is not null or lower_limit is not null) then 1 end) as judged_by_row,
  count(case when is_valid and (is_above or round(value - lower_limit, 9) < 0) then 1 end) as exceeded_by_row,
  count(case when is_valid and upper_limit is null and lower_limit is null and is_compliant is not null then 1 end)
    as judged_by_statement,
  count(case when is_valid and upper_limit is null and lower_limit is null and not is_compliant then 1 end)
    as exceeded_by_statement,
  min(case when is_valid then upper_limit end) as upper_limit,
  max(case when is_valid then lower_limit end) as lower_limit,
  max(case when is_valid and is_above then value / nullif(upper_limit, 0) - 1 end) as multiple_by_row,
  min(case when is_valid and round(value - lower_limit, 9) < 0 then value end) as lowest_below,
  array_agg(
    case
      when is_valid and upper_limit is null and lower_limit is null and is_compliant is null
        then case when is_censored then 0e0 else value end
    end
  ) as unjudged_values,
  count(case when is_stopped and value is not null then 1 end) as stopped_with_value,
  count(
    case
      when
        is_valid
        and coalesce(upper_limit, lower_limit) is not null
        and is_compliant = (is_above or coalesce(round(value - lower_limit, 9) < 0, false))
        then 1
    end
  ) as contradicted_readings,
  max(read_at) as latest_at,
  {{ joined_values('exceeded_items') }} as exceeded_items,
  {{ joined_values('method') }} as methods,
  bool_or(is_flagged) as is_flagged
from preferred
where averaging is null or averaging <> '日' or has_hours = 0
group by network, kind, object, point, item, day, unit_or_default
{%- endmacro %}


{# In how many hours a condition holds; where every row is an hour, or none is, the rows count. #}
{% macro hours_with(condition, entry, is_continuous) -%}
  {%- if is_continuous and not has_role(entry, 'averaging') -%}
  count(distinct case when {{ condition }} then date_trunc('hour', {{ just_before('read_at') }}) end)
  {%- else -%}
  count(case when {{ condition }} then 1 end)
  {%- endif -%}
{%- endmacro %}


{# Whether the first of these fields that is given was below its detection limit. #}
{% macro is_censored(entry, fields) -%}
  {%- if fields -%}
  coalesce(
    case
      {% for field in fields %}
      when r.{{ field }} is not null then {{ holds_field('r.censored_fields', field) }}
      {% endfor %}
    end,
    false
  )
  {%- else -%}
  false
  {%- endif -%}
{%- endmacro %}


{# Does a list `field=note;...` name the field? #}
{% macro holds_field(list, field) -%}
  instr(';' || {{ list }}, ';{{ field }}=') > 0
{%- endmacro %}


{# The day of a reading: an hour belongs to the day in which it ends, a daily mean to the day that it names. #}
{% macro reading_day(entry, is_continuous) -%}
{%- set moment = role_time(entry, 'time') -%}
{%- if is_continuous and has_role(entry, 'averaging') -%}
  cast(case when {{ role(entry, 'averaging') }} = '日' then {{ moment }} else {{ just_before(moment) }} end as date)
{%- else -%}
  cast({{ just_before(moment) if is_continuous else moment }} as date)
{%- endif -%}
{%- endmacro %}


{# How an alert of a reading names its object: the object and the item. #}
{% macro reading_alert_object(relation) -%}
  ({{ relation }}.object || coalesce('·' || {{ relation }}.item, ''))
{%- endmacro %}
