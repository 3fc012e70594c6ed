{# Groups (columns `by`) whose parts do not add up to their total, which each of their rows carries. #}
{% test parts_add_up(model, by, part, total) %}
select {{ by | join(', ') }}, sum({{ part }}) as parts_sum, max({{ total }}) as parts_total
from {{ model }}
group by {{ by | join(', ') }}
having {{ beyond_noise('sum(' ~ part ~ ') - max(' ~ total ~ ')', 'max(' ~ total ~ ')') }}
  or (count({{ part }}) > 0 and count({{ total }}) = 0)
{% endtest %}
