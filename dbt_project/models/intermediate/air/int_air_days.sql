{% set pollutants = air_pollutants() %}
{% set averaging = {'o3_8h': '8h'} %}
{# The pollutants that may decide a day together, by number: the first is among them where the number has
   bit 0, and so on. Looked up, they take a fifth of the time of joining their names for each day. #}
{% set combinations = [] %}
{% for number in range(1, 2 ** (pollutants | length)) %}
{% set together = [] %}
{% for pollutant in pollutants %}
{% if number // 2 ** loop.index0 % 2 %}{% do together.append(lake_title('air_quality_daily', pollutant)) %}{% endif %}
{% endfor %}
{% do combinations.append("'" ~ together | join('; ') ~ "'") %}
{% endfor %}
{% set combination -%}
  {% for pollutant in pollutants %}
          case when iaqi_{{ pollutant }} = computed_aqi then {{ 2 ** loop.index0 }} else 0 end{{ ' +' if not loop.last }}
  {% endfor %}
{%- endset %}
with
{# The standard in force, and the last concentration that its table knows: above it the index stays
   where the table ends. Only O3 goes on by its largest hour then (HJ 633-2012, table 1, note 3). #}
standards as (
  select
    standard,
    valid_from,
    valid_to,
    lookup_base,
    max(steps) filter (where field = 'o3' and averaging = '1h') as o3_1h_end,
    {% for pollutant in pollutants %}
    max(steps) filter (where field = '{{ pollutant }}' and averaging = '{{ averaging.get(pollutant, '24h') }}')
      as {{ pollutant }}_end{{ ',' if not loop.last }}
    {% endfor %}
  from {{ ref('int_aqi_table') }}
  group by standard, valid_from, valid_to, lookup_base
),

rounded as (
  select
    days.*,
    {% for pollutant in pollutants %}
    {{ air_steps(pollutant, 'days.' ~ pollutant) }} as {{ pollutant }}_steps,
    {% endfor %}
    {{ air_steps('o3', 'days.o3_1h') }} as o3_1h_steps
  from {{ ref('int_air_concentrations') }} as days
),

looked_up as (
  select
    days.*,
    standards.standard,
    {% for pollutant in pollutants if pollutant != 'o3_8h' %}
    {{ pollutant }}_index.iaqi as iaqi_{{ pollutant }},
    {% endfor %}
    greatest(o3_8h_index.iaqi, o3_1h_index.iaqi) as iaqi_o3_8h
  from rounded as days
  left join standards
    on
      days.day >= standards.valid_from
      and (standards.valid_to is null or days.day <= standards.valid_to)
  {% for pollutant in pollutants %}
  left join {{ ref('int_aqi_table') }} as {{ pollutant }}_index
    on
      {{ pollutant }}_index.field = '{{ pollutant }}'
      and {{ pollutant }}_index.averaging = '{{ averaging.get(pollutant, '24h') }}'
      and case when days.{{ pollutant }} is not null
        then standards.lookup_base + least(days.{{ pollutant }}_steps, standards.{{ pollutant }}_end) end
      = {{ pollutant }}_index.lookup
  {% endfor %}
  left join {{ ref('int_aqi_table') }} as o3_1h_index
    on
      o3_1h_index.field = 'o3'
      and o3_1h_index.averaging = '1h'
      and case when days.o3_8h_steps > standards.o3_8h_end and days.o3_1h is not null
        then standards.lookup_base + least(days.o3_1h_steps, standards.o3_1h_end) end
      = o3_1h_index.lookup
),

computed as (
  select
    *,
    case
      when {% for pollutant in pollutants %}iaqi_{{ pollutant }} is not null{{ ' and ' if not loop.last }}{% endfor %}
        then greatest({% for pollutant in pollutants %}iaqi_{{ pollutant }}{{ ', ' if not loop.last }}{% endfor %})
    end as computed_aqi
  from looked_up
),

judged as (
  select
    *,
    coalesce(computed_aqi, reported_aqi) as aqi,
    case when computed_aqi > {{ var('air_primary_aqi') }} then {{ item_of(list_of(combinations), combination) }} end
      as primary_pollutant
  from computed
)

select
  station,
  day,
  {% for pollutant in pollutants %}
  {{ pollutant }} as {{ pollutant }}_mean,
  {{ pollutant }}_steps / cast({{ air_steps_per_unit(pollutant) }} as double) as {{ pollutant }},
  iaqi_{{ pollutant }},
  {% endfor %}
  aqi,
  {{ aqi_level('aqi') }} as aqi_level,
  {{ aqi_level('aqi', as_order=true) }} as aqi_level_order,
  computed_aqi,
  reported_aqi,
  primary_pollutant,
  aqi <= {{ var('air_good_aqi') }} as is_good,
  aqi > {{ var('air_heavy_aqi') }} as is_heavily_polluted,
  standard,
  basis,
  is_flagged
from judged
