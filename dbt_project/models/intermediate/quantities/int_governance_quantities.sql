{% set formulas = {
  'project_investment': amount(
    'investments',
    computed={'cumulative_investment': "sum over projects of the plan's tables of the latest cumulative_investment of the year"},
    fields={'key_project_progress': ['cumulative_investment']}
  ),
} %}

with
{# The last figure of the year of each project in plan A's tables. Those of plan B's appendix are the same
   projects. #}
project_years as (
  select
    extract(year from progress.month) as year,
    progress.project_id,
    max_by(progress.cumulative_investment, progress.month) as cumulative_investment,
    bool_or(progress.flags is not null) as is_flagged,
    max_by(progress.source_row, progress.month) as source_row
  from {{ ref('stg_key_project_progress') }} as progress
  inner join {{ ref('plan_projects') }} as projects on progress.project_id = projects.project_id
  where projects.source_table like '表7-%'
  group by extract(year from progress.month), progress.project_id
),

investments as (
  select
    year,
    sum(cumulative_investment) as cumulative_investment,
    bool_or(is_flagged) as is_flagged,
    {{ rows_where() }} as computed_rows
  from project_years
  group by year
)

{{ quantity_rows(formulas) }}
