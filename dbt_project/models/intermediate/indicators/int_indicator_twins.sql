{# The pairs of the crosswalk in both directions, of several the one that is most alike; a target of the text goes with the indicator that the plan
   means, else with the first other target of the text that the same quantity measures. #}
with
text_targets as (
  select
    target_id,
    quantity,
    as_indicator,
    min(target_id) over (partition by quantity) as first_id,
    max(target_id) over (partition by quantity) as last_id
  from {{ ref('text_targets') }}
  where quantity is not null
),

pairs as (
  select a_id as indicator_id, b_id as twin_id, relation, note_zh from {{ ref('indicator_crosswalk') }}
  union all
  select b_id as indicator_id, a_id as twin_id, relation, note_zh from {{ ref('indicator_crosswalk') }}
  union all
  select
    target_id as indicator_id,
    coalesce(as_indicator, case when target_id = first_id then last_id else first_id end) as twin_id,
    'same' as relation,
    cast(null as string) as note_zh
  from text_targets
  where as_indicator is not null or first_id <> last_id
),

ranked as (
  select
    *,
    row_number() over (
      partition by indicator_id
      order by case relation when 'same' then 1 when 'similar' then 2 else 3 end, twin_id
    ) as likeness
  from pairs
),

-- What a target says in words: ≥ 95 %, 不降低, 未下达.
stated as (
  select
    indicators.indicator_id,
    indicators.quantity,
    quantities.title_zh as quantity_zh,
    indicators.nature,
    indicators.starting_value,
    coalesce({{ plain_number('indicators.starting_value', 4) }}, '无') as start_zh,
    targets.target_value,
    targets.comparator,
    case
      when targets.comparator is null then '未下达'
      when targets.target_value is null then targets.comparator || '（无基准值）'
      else targets.comparator || ' ' || {{ plain_number('targets.target_value', 4) }}
    end as target_zh
  from {{ ref('int_indicators') }} as indicators
  inner join {{ ref('quantities') }} as quantities on indicators.quantity = quantities.quantity
  inner join {{ ref('int_indicator_targets') }} as targets on indicators.indicator_id = targets.indicator_id
)

select
  pairs.indicator_id,
  pairs.twin_id,
  least(pairs.indicator_id, pairs.twin_id) || '-' || greatest(pairs.indicator_id, pairs.twin_id) as pair_id,
  pairs.relation,
  pairs.note_zh,
  case
    when mine.quantity <> twins.quantity
      then '计算内容不同：本项为' || mine.quantity_zh || '，对应项为' || twins.quantity_zh
    else nullif(
      concat_ws(
        '；',
        case
          when mine.target_zh <> twins.target_zh
            then '现行目标不同：本项' || mine.target_zh || '，对应项' || twins.target_zh
        end,
        case
          when mine.start_zh <> twins.start_zh
            then '起算值不同：本项' || mine.start_zh || '，对应项' || twins.start_zh
        end,
        case
          when mine.nature <> twins.nature
            then '属性不同：本项' || mine.nature || '，对应项' || twins.nature
        end
      ),
      ''
    )
  end as difference_zh
from ranked as pairs
inner join stated as mine on pairs.indicator_id = mine.indicator_id
inner join stated as twins on pairs.twin_id = twins.indicator_id
where pairs.likeness = 1
