{# What the plans want done, year by year, and who was named for it in a task list (plan A 8.2.2). The
   years of the plan and any other that a list is for. #}
{% set kinds = {'indicator': '规划指标', 'text_target': '文本目标', 'key_project': '重点工程'} %}
{% set states = {'assigned': '已落实', 'no_person': '未落实责任人', 'unassigned': '未分解落实'} %}
with
assignments as (select * from {{ ref('stg_task_assignments') }}),

years as (
  {% for year in range(var('baseline_year') + 1, var('target_year') + 1) %}
  select cast({{ year }} as bigint) as year
  union
  {% endfor %}
  select year from assignments
),

items as (
  select
    case when nature is null then 'text_target' else 'indicator' end as item_kind,
    indicator_id as item_id,
    name_zh as item_zh,
    responsible_department_zh as default_unit
  from {{ ref('indicator_progress') }}
  union all
  select
    'key_project' as item_kind,
    project_id as item_id,
    name_zh as item_zh,
    project_unit as default_unit
  from {{ ref('key_projects') }}
  where is_counted
),

-- Of a project that both plans list either number may stand in the task list.
named as (
  select
    coalesce(projects.same_as, assignments.item_id) as item_id,
    assignments.year,
    assignments.responsible_unit,
    assignments.responsible_person,
    assignments.task,
    row_number() over (
      partition by coalesce(projects.same_as, assignments.item_id), assignments.year
      order by case when projects.same_as is null then 0 else 1 end
    ) as choice
  from assignments
  left join {{ ref('key_projects') }} as projects
    on assignments.item_id = projects.project_id and not projects.is_counted
),

judged as (
  select
    years.year,
    items.*,
    named.responsible_unit,
    named.responsible_person,
    named.task,
    case
      when named.item_id is null then 'unassigned'
      when named.responsible_person is null then 'no_person'
      else 'assigned'
    end as assignment
  from items
  cross join years
  left join named
    on items.item_id = named.item_id and years.year = named.year and named.choice = 1
)

select
  year,
  {{ first_of_year('year') }} as period_start,
  item_kind,
  {{ titled('item_kind', kinds) }} as item_kind_zh,
  item_id,
  item_zh,
  default_unit,
  responsible_unit,
  responsible_person,
  task,
  assignment,
  {{ titled('assignment', states) }} as assignment_zh
from judged
order by year, item_kind, item_id
