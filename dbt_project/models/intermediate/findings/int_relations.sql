{# What must hold between the fields of one row: (id, rule, dataset, left, sense, right). A field with
   ? counts as 0 where it is missing. To add a relation is to add a line; its rule stands in the seeds
   finding_rules and thresholds. #}
{% set declared = [
  ('sewage_treated', 'water_part_exceeds_whole', 'urban_sewage', ['sewage_treated'], '<=', ['sewage_generated']),
  ('villages_treated', 'water_part_exceeds_whole', 'rural_sewage', ['villages_treated'], '<=', ['villages_total']),
  ('population_covered', 'water_part_exceeds_whole', 'rural_sewage', ['population_covered'], '<=', ['rural_population']),
  ('reclaimed', 'water_part_exceeds_whole', 'wastewater_plants', ['reclaimed_volume'], '<=', ['treated_volume']),
  ('sludge_disposed', 'water_part_exceeds_whole', 'wastewater_plants', ['sludge_disposed'], '<=', ['sludge_generated']),
  ('eroded_area', 'water_part_exceeds_whole', 'soil_erosion', ['eroded_area'], '<=', ['land_area']),
  ('water_saving', 'water_part_exceeds_whole', 'irrigation', ['water_saving_area'], '<=', ['effective_irrigated_area']),
  ('high_efficiency', 'water_part_exceeds_whole', 'irrigation', ['high_efficiency_area'], '<=', ['water_saving_area']),
  ('fertigation', 'water_part_exceeds_whole', 'irrigation', ['fertigation_area'], '<=', ['effective_irrigated_area']),
  ('cod', 'effluent_exceeds_influent', 'wastewater_plants', ['effluent_cod'], '<=', ['influent_cod']),
  ('ammonia', 'effluent_exceeds_influent', 'wastewater_plants', ['effluent_ammonia'], '<=', ['influent_ammonia']),
  ('phosphorus', 'effluent_exceeds_influent', 'wastewater_plants', ['effluent_phosphorus'], '<=', ['influent_phosphorus']),
  ('forest_area', 'forestry_part_exceeds_whole', 'forest_resources', ['forest_area', 'special_shrub_area?'], '<=', ['land_area']),
  ('tree_cover_area', 'forestry_part_exceeds_whole', 'forest_resources', ['tree_cover_area'], '<=', ['land_area']),
  ('forest_in_forest_land', 'forestry_part_exceeds_whole', 'forest_resources', ['forest_area'], '<=', ['forest_land_area']),
  ('land_uses', 'forestry_part_exceeds_whole', 'forest_resources', ['forest_land_area', 'grassland_area?'], '<=', ['land_area']),
  ('damaged_forest', 'forestry_part_exceeds_whole', 'forest_fires', ['damaged_forest_area', 'damaged_grassland_area?'], '<=', ['burned_area']),
  ('disaster_area', 'forestry_part_exceeds_whole', 'forest_pests', ['disaster_area'], '<=', ['affected_area']),
  ('redline', 'forestry_part_exceeds_whole', 'ecological_redline', ['redline_area'], '<=', ['land_area']),
  ('manure_used', 'agriculture_part_exceeds_whole', 'livestock_manure', ['manure_used'], '<=', ['manure_generated']),
  ('straw_used', 'agriculture_part_exceeds_whole', 'crop_straw', ['used'], '<=', ['collectable']),
  ('film_recovered', 'agriculture_part_exceeds_whole', 'agricultural_inputs', ['film_recovered'], '<=', ['film_used']),
  ('safely_used', 'agriculture_part_exceeds_whole', 'farmland_safety', ['safely_used_area'], '<=', ['polluted_area']),
  ('high_efficiency', 'agriculture_part_exceeds_whole', 'high_standard_farmland', ['high_efficiency_area'], '<=', ['built_area']),
  ('gas_used', 'energy_part_exceeds_whole', 'coalbed_methane', ['used'], '<=', ['output']),
  ('clean_heating', 'energy_part_exceeds_whole', 'clean_heating', ['clean_heating_households'], '<=', ['households']),
  ('gas_households', 'energy_part_exceeds_whole', 'clean_heating', ['gas_households'], '<=', ['households']),
  ('stock', 'waste_balance', 'industrial_solid_waste', ['opening_stock', 'generated'], '=', ['used', 'disposed', 'dumped?', 'closing_stock']),
  ('stock', 'waste_balance', 'hazardous_waste', ['opening_stock', 'generated'], '=', ['used_or_disposed', 'closing_stock']),
  ('treated', 'waste_part_exceeds_whole', 'domestic_waste', ['treated'], '<=', ['collected']),
  ('recycled', 'waste_part_exceeds_whole', 'domestic_waste', ['recycled'], '<=', ['collected']),
  ('recovered', 'waste_part_exceeds_whole', 'recoverable_waste', ['recovered'], '<=', ['generated']),
  ('used', 'waste_part_exceeds_whole', 'industrial_solid_waste', ['used', 'disposed', 'dumped?'], '<=', ['opening_stock?', 'generated']),
  ('received', 'manifest_quantity_differs', 'hazardous_waste_manifests', ['received_quantity'], '=', ['shipped_quantity']),
  ('good_days', 'air_part_exceeds_whole', 'air_quality_annual', ['good_days'], '<=', ['valid_days']),
  ('sources_stored', 'air_part_exceeds_whole', 'radioactive_sources', ['sources_stored'], '<=', ['sources_due']),
] %}
{% set by_dataset = {} %}
{% for id, rule, dataset, left, sense, right in declared %}
  {% do by_dataset.setdefault(dataset, []).append(
    {'id': id, 'rule': rule, 'left': left, 'sense': sense, 'right': right}
  ) %}
{% endfor %}
{% for dataset, relations in by_dataset.items() %}
{{ relation_sides(dataset, relations) }}
{{ 'union all' if not loop.last }}
{% endfor %}
