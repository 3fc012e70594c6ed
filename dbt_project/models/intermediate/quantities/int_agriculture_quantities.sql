with
polluted_farmland as (
  {{ area_sums(
    ref('stg_farmland_safety'),
    {'safely_used_area': 'safely_used_area', 'polluted_area': 'polluted_area'},
    rate='reported_rate'
  ) }}
)

{{ ratio('polluted_farmland_safe_use', 'polluted_farmland', 'safely_used_area', 'polluted_area', reported='reported_rate') }}
