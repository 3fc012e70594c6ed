{# Indicators and measurable text targets of the plans that a model lacks, or has that no plan prints. #}
{% test every_indicator(model) %}
select coalesce(printed.indicator_id, listed.indicator_id) as indicator_id
from (
  select indicator_id from {{ ref('indicators') }}
  union all
  select target_id as indicator_id from {{ ref('text_targets') }}
  where quantity is not null
) as printed
full outer join {{ model }} as listed on printed.indicator_id = listed.indicator_id
where printed.indicator_id is null or listed.indicator_id is null
{% endtest %}
