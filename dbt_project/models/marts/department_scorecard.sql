{# Periods are counted in months: a year is the twelve that begin with its January. What is delivered by
   the day is judged by the month. Expected is every period from the first that was ever delivered of a
   dataset up to the last that is due; of a dataset never delivered that last one only. Nothing is due
   before the day on which the first file of all arrived: nobody could deliver it then. #}
with
datasets as (
  select
    dataset,
    title_zh,
    domain,
    cadence,
    departments_allowed,
    split_part(departments_allowed, ';', 1) as responsible,
    due_days_after_period as due_days,
    judged_months as months
  from {{ ref('contract_datasets') }}
),

-- One row per submission and month or year that it covers; one without for what has no period.
covered as (
  select
    submissions.submission_id,
    submissions.department,
    submissions.dataset,
    submissions.received_at,
    submissions.rows_read,
    submissions.rows_accepted,
    submissions.rows_rejected,
    nullif(submissions.period, '') as period
  from (
    select
      submission_id,
      department,
      dataset,
      received_at,
      rows_read,
      rows_accepted,
      rows_rejected,
      {{ each_of("split(coalesce(periods, ''), ';')") }} as period
    from {{ source('intake', 'submissions') }}
    where rows_accepted > 0
  ) as submissions
),

delivered as (
  select
    covered.department,
    covered.dataset,
    case
      when datasets.months is null or covered.period is null
        then {{ month_number('covered.period') }}
      else {{ whole_quotient(month_number('covered.period'), 'datasets.months') }} * datasets.months
    end as first_month,
    {{ county_day('min(covered.received_at)') }} as received_on,
    count(distinct covered.submission_id) as submissions,
    sum(covered.rows_read) as rows_read,
    sum(covered.rows_accepted) as rows_accepted,
    sum(covered.rows_rejected) as rows_rejected
  from covered
  inner join datasets on covered.dataset = datasets.dataset
  group by 1, 2, 3
),

today as (
  select
    today,
    cast(extract(year from today) as bigint) * 12 + cast(extract(month from today) as bigint) - 1 as month_now
  from {{ source('intake', 'build') }}
),

opened as (
  select {{ county_day('min(received_at)') }} as opened_on from {{ source('intake', 'submissions') }}
),

-- The last period that is due: of those that are over the latest whose days have passed.
due as (
  select
    datasets.*,
    {{ whole_quotient('today.month_now', 'datasets.months') }} * datasets.months - datasets.months * (
      case
        when {{ days_after(first_of_month(whole_quotient('today.month_now', 'datasets.months') ~ ' * datasets.months'), 'datasets.due_days - 1') }} <= today.today then 1
        else 2
      end
    ) as last_due
  from datasets
  cross join today
  where datasets.months is not null
),

begun as (
  select dataset, min(first_month) as first_month
  from delivered
  where first_month is not null
  group by dataset
),

expected as (
  select
    due.responsible as department,
    due.dataset,
    due.last_due - numbers.number * due.months as first_month
  from due
  left join begun on due.dataset = begun.dataset
  inner join ({{ whole_numbers(2400) }}) as numbers
    on
      numbers.number = 0
      or due.last_due - numbers.number * due.months >= begun.first_month
  where begun.first_month is null or due.last_due - numbers.number * due.months >= begun.first_month
),

every_period as (
  select department, dataset, first_month from expected
  union
  select department, dataset, first_month from delivered
),

open_findings as (
  select department, dataset, year, count(*) as findings
  from {{ ref('findings') }}
  where state <> 'mended' and dataset is not null
  group by department, dataset, year
),

dated_periods as (
  select
    every_period.*,
    case
      when datasets.months is not null and every_period.first_month is not null
        then {{ days_after(first_of_month('(every_period.first_month + datasets.months)'), 'datasets.due_days - 1') }}
    end as due_on
  from every_period
  inner join datasets on every_period.dataset = datasets.dataset
),

rows_of_card as (
  select
    every_period.department,
    every_period.dataset,
    datasets.title_zh as dataset_zh,
    datasets.domain,
    datasets.cadence,
    every_period.first_month,
    datasets.months,
    case
      when every_period.first_month is null then '不分期'
      when datasets.months = 12 then cast({{ whole_quotient('every_period.first_month', 12) }} as string)
      when datasets.months = 3
        then cast({{ whole_quotient('every_period.first_month', 12) }} as string) || 'Q'
          || cast({{ whole_quotient('(every_period.first_month % 12)', 3) }} + 1 as string)
      else cast({{ whole_quotient('every_period.first_month', 12) }} as string) || '-'
        || lpad(cast(every_period.first_month % 12 + 1 as string), 2, '0')
    end as period,
    case when every_period.due_on >= opened.opened_on then every_period.due_on end as due_on,
    delivered.received_on,
    coalesce(delivered.submissions, 0) as submissions,
    coalesce(delivered.rows_read, 0) as rows_read,
    coalesce(delivered.rows_accepted, 0) as rows_accepted,
    coalesce(delivered.rows_rejected, 0) as rows_rejected
  from dated_periods as every_period
  inner join datasets on every_period.dataset = datasets.dataset
  cross join opened
  left join delivered
    on
      every_period.department = delivered.department
      and every_period.dataset = delivered.dataset
      and coalesce(every_period.first_month, -1) = coalesce(delivered.first_month, -1)
  where delivered.dataset is not null or every_period.due_on >= opened.opened_on
)

select
  card.department,
  departments.name_zh as department_zh,
  card.dataset,
  card.dataset_zh,
  card.domain,
  card.cadence,
  card.period,
  case when card.first_month is not null then {{ first_of_month('card.first_month') }} end as period_start,
  card.due_on,
  card.received_on,
  case when card.due_on is not null then coalesce(card.received_on <= card.due_on, false) end as on_time,
  case
    when card.due_on is not null
      then greatest({{ days_between('card.due_on', 'coalesce(card.received_on, today.today)') }}, 0)
  end as days_late,
  card.submissions,
  cast(card.rows_read as bigint) as rows_read,
  cast(card.rows_accepted as bigint) as rows_accepted,
  cast(card.rows_rejected as bigint) as rows_rejected,
  case
    when card.rows_read > 0 then 100e0 * (card.rows_read - card.rows_rejected) / card.rows_read
  end as acceptance_rate,
  coalesce(open_findings.findings, 0) as open_findings
from rows_of_card as card
cross join today
left join {{ ref('contract_departments') }} as departments on card.department = departments.department
left join open_findings
  on
    card.department = open_findings.department
    and card.dataset = open_findings.dataset
    and coalesce({{ whole_quotient('card.first_month', 12) }}, -1) = coalesce(open_findings.year, -1)
order by card.department, card.dataset, card.period
