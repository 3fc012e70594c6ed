{# Targets of the plans' text that supervision measures. #}
{% set formulas = {
  'leak_test_coverage': ratio(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'leak_tests')",
    {'covered': 'units tested within 12 months'},
    {'objects': 'units of VOCs排污单位 with 2000 seal points or more'},
    fields={'key_units': ['list_name', 'unit_name', 'listed_on', 'removed_on', 'grade', 'seal_points', 'industry'], 'leak_tests': ['tested_on', 'seal_points', 'leaking_points', 'repaired_points']}
  ),
  'chemical_units_rectified': amount(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'chemical_units')",
    computed={'covered': 'number of chemical units tested, repaired and without open items of VOCs整治'},
    fields={'key_units': ['list_name', 'unit_name', 'listed_on', 'removed_on', 'grade', 'seal_points', 'industry'], 'leak_tests': ['tested_on', 'seal_points', 'leaking_points', 'repaired_points'], 'supervision_items': ['ledger', 'found_at', 'closed_on']}
  ),
  'radiation_visit_coverage': ratio(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'radiation_visits')",
    {'covered': 'units visited within 36 months'},
    {'objects': 'users of nuclear technology'},
    fields={'radiation_sources': ['unit_name', 'status'], 'inspections': ['visit_kind', 'object_name', 'visited_on']}
  ),
  'mine_monitoring_coverage': ratio(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'mines')",
    {'covered': 'mines with a valid reading within 30 days or a patrol within 90'},
    {'objects': 'mines not 销号'},
    fields={'patrol_objects': ['object_kind', 'object_name', 'object_status'], 'sensor_readings': ['object_name', 'value', 'status'], 'inspections': ['visit_kind', 'object_name', 'visited_on']}
  ),
  'water_plan_coverage': ratio(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'water_plans')",
    {'covered': 'users with 计划用水量 of the year'},
    {'objects': 'industrial users of 100000 m³ a year or more'},
    fields={'water_metering': ['meter_object', 'use_sector', 'metered_volume'], 'quota_allocations': ['control_item', 'object_name', 'quantity']}
  ),
  'graded_unit_coverage': ratio(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'graded_units')",
    {'covered': 'units with a grade in force'},
    {'objects': 'units of 涉气企业'},
    fields={'key_units': ['list_name', 'unit_name', 'listed_on', 'removed_on', 'grade', 'seal_points', 'industry']}
  ),
  'coal_boilers_running': amount(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'coal_boilers')",
    computed={'covered': 'number of coal boilers up to 35 t/h in use, reserve or rebuilding'},
    fields={'boilers': ['fuel', 'capacity', 'status']}
  ),
  'transfer_stations_seen': amount(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'transfer_stations')",
    computed={'covered': 'number of transfer stations in the trips of the year'},
    fields={'waste_trips': ['origin', 'origin_kind', 'destination', 'destination_kind']}
  ),
  'ceramics_graded_a': ratio(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'ceramics_graded_a')",
    {'covered': 'units graded A级'},
    {'objects': 'graded units of 陶瓷'},
    fields={'key_units': ['list_name', 'unit_name', 'listed_on', 'removed_on', 'grade', 'seal_points', 'industry']}
  ),
  'disclosure_rate': ratio(
    "(select * from " ~ ref('int_supervision_coverage') ~ " where measure = 'disclosures')",
    {'covered': 'matters disclosed'},
    {'objects': 'matters due in the year'},
    fields={'disclosures': ['due_on', 'disclosed_on'], 'key_units': ['list_name', 'unit_name', 'listed_on', 'removed_on', 'grade', 'seal_points', 'industry']}
  ),
} %}

{{ quantity_rows(formulas) }}
