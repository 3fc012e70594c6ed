{# The findings of this build against those of the last publication: new, lasting or mended. #}
{% set facts = [
  'severity', 'rule', 'rule_zh', 'subject', 'indicator_ids', 'dataset', 'year', 'area', 'submission_id',
  'department', 'expected', 'observed', 'detail_zh',
] %}
with
explanations as (
  select
    lower(trim(delivered.finding_id)) as finding_id,
    max_by(delivered.explanation, delivered.received_at) as explanation,
    max_by(submissions.department, delivered.received_at) as explained_by,
    max(delivered.received_at) as explained_at
  from {{ ref('stg_finding_explanations') }} as delivered
  inner join {{ source('intake', 'submissions') }} as submissions
    on delivered.submission_id = submissions.submission_id
  group by lower(trim(delivered.finding_id))
),

followed as (
  select
    coalesce(present.finding_id, earlier.finding_id) as finding_id,
    {% for fact in facts %}
    case when present.finding_id is null then earlier.{{ fact }} else present.{{ fact }} end as {{ fact }},
    {% endfor %}
    case
      when present.finding_id is null then 'mended'
      when earlier.finding_id is null or earlier.state = 'mended' then 'new'
      else 'lasting'
    end as state,
    case
      when present.finding_id is not null and earlier.state = 'mended' then build.today
      else coalesce(earlier.first_seen, build.today)
    end as first_seen,
    case when present.finding_id is null then coalesce(earlier.mended_on, build.today) end as mended_on,
    build.today
  from {{ ref('int_findings') }} as present
  full outer join {{ source('last_publication', 'findings') }} as earlier
    on present.finding_id = earlier.finding_id
  cross join {{ source('intake', 'build') }} as build
),

-- A subject begins with the name of a dataset, of something in a dataset, or of a quantity, or with none of these.
words as (
  select
    finding_id,
    subject,
    split_part(subject, ' ', 1) as first_word,
    split_part(split_part(subject, ' ', 1), '.', 1) as dataset,
    substr(split_part(subject, ' ', 1), length(split_part(split_part(subject, ' ', 1), '.', 1)) + 2) as part
  from followed
),

titles as (
  select
    words.finding_id,
    coalesce(
      quantities.title_zh,
      datasets.title_zh
      {# A statistic stands there by its Chinese name; what names a relation says nothing to people. #}
      || coalesce('·' || coalesce(
        fields.title_zh,
        case when words.part <> '' and (lower(words.part) <> words.part or upper(words.part) = words.part) then words.part end
      ), ''),
      words.first_word
    ) || substr(words.subject, length(words.first_word) + 1) as subject_zh
  from words
  left join {{ ref('quantities') }} as quantities on words.first_word = quantities.quantity
  left join {{ ref('contract_datasets') }} as datasets on words.dataset = datasets.dataset
  left join {{ ref('contract_fields') }} as fields on words.dataset = fields.dataset and words.part = fields.field
)

select
  followed.finding_id,
  followed.severity,
  case followed.severity
    when 'critical' then '强制性'
    when 'verify' then '核实性'
    when 'notice' then '提示性'
  end as severity_zh,
  followed.state,
  case followed.state when 'new' then '新发现' when 'lasting' then '仍存在' else '已消除' end as state_zh,
  followed.first_seen,
  followed.mended_on,
  followed.rule,
  followed.rule_zh,
  followed.subject,
  titles.subject_zh,
  followed.indicator_ids,
  followed.dataset,
  followed.year,
  followed.area,
  followed.submission_id,
  followed.department,
  departments.name_zh as department_zh,
  followed.expected,
  followed.observed,
  followed.detail_zh,
  explanations.explanation,
  explanations.explained_by,
  {{ county_day('explanations.explained_at') }} as explained_on
from followed
left join titles on followed.finding_id = titles.finding_id
left join explanations on followed.finding_id = explanations.finding_id
left join {{ ref('contract_departments') }} as departments on followed.department = departments.department
where
  followed.mended_on is null
  or {{ days_between('followed.mended_on', 'followed.today') }} <= {{ var('mended_findings_days') }}
order by followed.rule, followed.subject
