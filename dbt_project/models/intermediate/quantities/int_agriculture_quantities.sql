{% set first_year = var('baseline_year') + 1 %}
{{ quantity_rows({
  'polluted_farmland_safe_use': area_ratio(
    'farmland_safety', 'sum(safely_used_area)', 'sum(polluted_area)', reported='reported_rate'
  ),
  'manure_use_rate': area_ratio(
    'livestock_manure', 'sum(manure_used)', 'sum(manure_generated)', part='species', reported='reported_rate'
  ),
  'new_high_standard_farmland': area_amount('high_standard_farmland', 'sum(built_area)', since=first_year, unit='万亩'),
  'new_high_efficiency_farmland': area_amount(
    'high_standard_farmland', 'sum(high_efficiency_area)', since=first_year, unit='万亩'
  ),
  'farmland_investment': area_amount('high_standard_farmland', 'sum(investment)', since=first_year, unit='亿元'),
  'agricultural_inputs_growth': growth(area_amount('agricultural_inputs', 'sum(fertiliser)+sum(pesticide)')),
}) }}
