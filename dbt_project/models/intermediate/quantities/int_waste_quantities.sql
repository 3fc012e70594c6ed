with
hazardous_waste as (
  {{ part_sums(
    ref('stg_hazardous_waste'),
    ['year'],
    {
      'used_or_disposed': 'used_or_disposed',
      'to_be_disposed': 'coalesce(opening_stock, 0) + generated - coalesce(closing_stock, 0)',
    },
    part='facility',
    rate='reported_rate'
  ) }}
)

{{ ratio('hazardous_waste_disposal_rate', 'hazardous_waste', 'used_or_disposed', 'to_be_disposed', reported='reported_rate', area=county()) }}
