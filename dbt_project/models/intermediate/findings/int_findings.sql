{# The findings of all rules in one form, one model for each family of rules. The table `rules` has
   their titles, severities and bounds; the mart findings compares with the publication before. #}
{% set families = [
  'air', 'baseline', 'coverage', 'held', 'ledger', 'manifest', 'movement', 'publication', 'quota', 'ratio', 'reading',
  'register', 'relation', 'revision', 'score', 'series', 'statistic', 'target', 'total', 'unit', 'visit', 'water',
] %}
with
every_finding as (
  {% for family in families %}
  select rule, subject, indicator_ids, dataset, year, area, submission_id, expected, observed, detail_zh
  from {{ ref('int_' ~ family ~ '_findings') }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

-- Where a finding concerns an indicator and no dataset, the indicator's first dataset has its owner.
owners as (
  select indicators.indicator_id, split_part(quantities.datasets, ';', 1) as dataset
  from {{ ref('int_indicators') }} as indicators
  inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
)

select
  substr(md5(every_finding.rule || '|' || every_finding.subject), 1, 12) as finding_id,
  rules.severity,
  every_finding.rule,
  rules.title_zh as rule_zh,
  every_finding.subject,
  every_finding.indicator_ids,
  every_finding.dataset,
  every_finding.year,
  every_finding.area,
  every_finding.submission_id,
  coalesce(submissions.department, split_part(datasets.departments_allowed, ';', 1)) as department,
  every_finding.expected,
  every_finding.observed,
  every_finding.detail_zh
from every_finding
left join {{ ref('rules') }} as rules on every_finding.rule = rules.rule
left join {{ source('intake', 'submissions') }} as submissions
  on every_finding.submission_id = submissions.submission_id
left join owners on split_part(every_finding.indicator_ids, ';', 1) = owners.indicator_id
left join {{ ref('contract_datasets') }} as datasets
  on coalesce(every_finding.dataset, owners.dataset) = datasets.dataset
