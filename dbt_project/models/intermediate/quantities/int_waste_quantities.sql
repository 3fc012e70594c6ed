{{ quantity_rows({
  'hazardous_waste_disposal_rate': county_ratio(
    'hazardous_waste',
    'sum(used_or_disposed)',
    'sum(opening_stock+generated-closing_stock)',
    part='facility',
    reported='reported_rate',
    missing_as_zero={'stocks': ['opening_stock', 'closing_stock']},
    note='; both waste classes together'
  ),
  'hazardous_waste_generated': county_amount(
    'hazardous_waste', 'sum(generated)', part='facility', only={'waste_class': '危险废物'}, unit='万吨'
  ),
  'solid_waste_generated': county_amount('industrial_solid_waste', 'sum(generated)', part='waste_type', unit='万吨'),
  'solid_waste_intensity': per_statistic(
    county_amount('industrial_solid_waste', 'sum(generated)', part='waste_type'), 'industrial_output'
  ),
  'construction_waste_recovery': area_ratio(
    'recoverable_waste', 'sum(recovered)', 'sum(generated)', only={'waste_type': '建筑垃圾'},
    reported='reported_rate', note=', all areas'
  ),
  'construction_waste_recovery_county_seat': area_ratio(
    'recoverable_waste', 'sum(recovered)', 'sum(generated)', only={'waste_type': '建筑垃圾'},
    reported='reported_rate', area='县城'
  ),
  'kitchen_waste_recovery': area_ratio(
    'recoverable_waste', 'sum(recovered)', 'sum(generated)', only={'waste_type': '餐厨垃圾'}, reported='reported_rate'
  ),
  'waste_sorting_accuracy': area_weighted_mean('domestic_waste', 'sorting_accuracy', 'collected'),
  'waste_recycling_rate': area_ratio('domestic_waste', 'sum(recycled)', 'sum(collected)', by_month=true),
  'waste_treatment_rate': area_ratio('domestic_waste', 'sum(treated)', 'sum(collected)', by_month=true),
  'domestic_waste_per_day': per_day(
    area_amount('domestic_waste', 'sum(collected)', by_month=true),
    note=': what is collected stands for what is generated'
  ),
}) }}
