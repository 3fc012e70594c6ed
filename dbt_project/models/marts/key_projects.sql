{# A project that both lists name has one course: a report under either number speaks for both. The
   plans print when a project starts and not when it ends: it is due with the plan. #}
{% set last = var('target_year') %}
with
{% set aspects = {'name': '名称', 'category': '类别', 'start': '计划开工年份', 'nature': '性质', 'unit': '项目单位', 'description': '建设内容'} %}
pairs as (
  select
    match_id,
    status as match_status,
    table7_id,
    appendix_id,
    {% for aspect, title in aspects.items() %}
    case when {{ aspect }}_same = 'N' then '；{{ title }}不同' else '' end ||
    {% endfor %}
    case when try_cast(investment_diff as double) <> 0 then '；投资不同' else '' end as differences
  from {{ ref('plan_project_matching') }}
),

matched as (
  select table7_id as project_id, appendix_id as same_as, match_id, match_status, differences
  from pairs
  where table7_id is not null
  union all
  select appendix_id as project_id, table7_id as same_as, match_id, match_status, differences
  from pairs
  where appendix_id is not null
),

projects as (
  select
    projects.*,
    try_cast(projects.investment_yi_yuan as double) as investment,
    coalesce(projects.planned_start, twins.planned_start) as start_year,
    matched.same_as,
    matched.match_id,
    matched.match_status,
    case when matched.match_status = 'both' then nullif(substr(matched.differences, 2), '') end as differences_zh
  from {{ ref('plan_projects') }} as projects
  left join matched on projects.project_id = matched.project_id
  left join {{ ref('plan_projects') }} as twins on matched.same_as = twins.project_id
),

reports as (
  select
    projects.project_id,
    progress.project_id as reported_as,
    progress.month,
    progress.cumulative_investment,
    progress.physical_progress,
    progress.status,
    progress.issues,
    progress.flags is not null as is_flagged,
    row_number() over (
      partition by projects.project_id
      order by progress.month desc, case when progress.project_id = projects.project_id then 0 else 1 end
    ) as report_rank
  from projects
  inner join {{ ref('stg_key_project_progress') }} as progress
    on progress.project_id in (projects.project_id, projects.same_as)
),

moment as (
  select
    cast(max(extract(year from today)) as bigint) as year,
    cast(max(extract(month from today)) as bigint) as month
  from {{ source('intake', 'build') }}
),

judged as (
  select
    projects.*,
    reports.month as reported_month,
    reports.reported_as,
    reports.cumulative_investment,
    reports.status as reported_status,
    reports.issues,
    coalesce(reports.is_flagged, false) as is_flagged,
    100 * reports.cumulative_investment / nullif(projects.investment, 0) as investment_done_pct,
    coalesce(reports.physical_progress, 100 * reports.cumulative_investment / nullif(projects.investment, 0))
      as progress,
    case
      when reports.physical_progress is not null then 'reported'
      when reports.cumulative_investment is not null and projects.investment > 0 then 'investment'
    end as progress_basis,
    -- The straight line from the planned start to the end of the plan, at the end of the reported month.
    case
      when reports.month is not null and projects.start_year is not null
        then greatest(0, least(100,
          100 * (
            12 * (extract(year from reports.month) - projects.start_year) + extract(month from reports.month)
          ) / cast(12 * ({{ last }} + 1 - projects.start_year) as double)
        ))
    end as planned_progress,
    12 * (moment.year - projects.start_year - 1) + moment.month as months_since_start_due,
    12 * (moment.year - {{ last + 1 }}) + moment.month as months_since_end
  from projects
  cross join moment
  left join reports on projects.project_id = reports.project_id and reports.report_rank = 1
),

late as (
  select
    *,
    case
      when reported_status = '完工' then 'completed'
      when months_since_end is null then null
      when reported_status = '停工' then 'stopped'
      when reported_status = '在建' and months_since_end > 0 then 'end_overdue'
      when reported_status = '在建' and {{ differ('planned_progress', 'progress') }} and progress < planned_progress
        then 'behind'
      when reported_status = '在建' then 'on_time'
      when coalesce(months_since_start_due, 0) <= 0 then 'not_due'
      when reported_status = '未开工' then 'start_overdue'
      else 'not_reported'
    end as lateness
  from judged
)

select
  late.project_id,
  late.source_table,
  late.category,
  late.seq,
  late.name_zh,
  late.description_zh,
  late.unit_zh as project_unit,
  late.township,
  late.nature,
  late.start_year as planned_start,
  late.investment,
  late.cumulative_investment,
  late.investment - late.cumulative_investment as remaining_investment,
  late.investment_done_pct,
  late.progress,
  late.progress_basis,
  late.planned_progress,
  late.progress - late.planned_progress as progress_gap,
  coalesce(late.reported_status, '未报送') as status,
  late.reported_month,
  late.reported_as,
  late.lateness,
  lateness.lateness_zh,
  case
    when late.lateness in ('start_overdue', 'not_reported') then late.months_since_start_due
    when late.lateness = 'end_overdue' then late.months_since_end
    when late.lateness = 'stopped' then greatest(0, late.months_since_end)
  end as months_late,
  late.issues,
  late.match_id,
  late.match_status,
  late.same_as,
  late.differences_zh,
  late.match_status <> 'both' or late.source_table like '表7-%' as is_counted,
  late.is_flagged
from late
left join {{ ref('project_lateness') }} as lateness on late.lateness = lateness.lateness
order by late.project_id
