{# Made from sources/contracts by `make generate`: change the contracts, not this file. #}
{% macro archetype_declarations() %}
{{ return({
  "register": [
    {
      "dataset": "boilers",
      "title_zh": "锅炉台账",
      "domain": "air",
      "department": "ecology",
      "cadence": "register",
      "key": [
        "boiler_id",
        "status_on"
      ],
      "types": {
        "boiler_id": "string",
        "status_on": "date",
        "unit_name": "string",
        "permit_number": "string",
        "township": "township",
        "fuel": "enum",
        "capacity": "float",
        "status": "enum",
        "disposal": "enum",
        "rectify_by": "date",
        "tested_on": "date",
        "test_compliant": "bool",
        "particulate": "float",
        "so2": "float",
        "nox": "float"
      },
      "units": {
        "capacity": "t/h",
        "particulate": "mg/m³",
        "so2": "mg/m³",
        "nox": "mg/m³"
      },
      "roles": {
        "code": {
          "fields": [
            "boiler_id"
          ]
        },
        "object": {
          "fields": [
            "unit_name"
          ]
        },
        "version": {
          "fields": [
            "status_on"
          ]
        },
        "class": {
          "fields": [
            "fuel"
          ]
        },
        "status": {
          "fields": [
            "status"
          ]
        },
        "compliant": {
          "fields": [
            "test_compliant"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "value": {
          "fields": [
            "capacity"
          ]
        },
        "group": {
          "constant": "锅炉"
        }
      },
      "others": [
        "disposal",
        "rectify_by",
        "tested_on",
        "particulate",
        "so2",
        "nox"
      ]
    },
    {
      "dataset": "control_zones",
      "title_zh": "分区管控单元",
      "domain": "governance",
      "department": "ecology",
      "cadence": "register",
      "key": [
        "zone_system",
        "zone_code",
        "effective_from"
      ],
      "types": {
        "zone_system": "enum",
        "zone_code": "string",
        "effective_from": "date",
        "zone_name": "string",
        "zone_class": "enum",
        "zone_area": "float",
        "township": "township",
        "requirements": "string",
        "document_no": "string"
      },
      "units": {
        "zone_area": "km²"
      },
      "roles": {
        "group": {
          "fields": [
            "zone_system"
          ]
        },
        "code": {
          "fields": [
            "zone_code"
          ]
        },
        "object": {
          "fields": [
            "zone_name"
          ]
        },
        "version": {
          "fields": [
            "effective_from"
          ]
        },
        "class": {
          "fields": [
            "zone_class"
          ]
        },
        "zone": {
          "fields": [
            "zone_code"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "value": {
          "fields": [
            "zone_area"
          ]
        }
      },
      "others": [
        "requirements",
        "document_no"
      ]
    },
    {
      "dataset": "discharge_permits",
      "title_zh": "排污许可证",
      "domain": "governance",
      "department": "ecology",
      "cadence": "register",
      "key": [
        "permit_number",
        "decided_on"
      ],
      "types": {
        "permit_number": "string",
        "decided_on": "date",
        "event": "enum",
        "unit_name": "string",
        "management_level": "enum",
        "industry": "string",
        "township": "township",
        "valid_from": "date",
        "valid_to": "date",
        "zone_code": "string",
        "issuing_authority": "string"
      },
      "units": {},
      "roles": {
        "code": {
          "fields": [
            "permit_number"
          ]
        },
        "object": {
          "fields": [
            "unit_name"
          ]
        },
        "version": {
          "fields": [
            "decided_on"
          ]
        },
        "class": {
          "fields": [
            "management_level"
          ]
        },
        "event": {
          "fields": [
            "event"
          ]
        },
        "valid_from": {
          "fields": [
            "valid_from"
          ]
        },
        "valid_to": {
          "fields": [
            "valid_to"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "zone": {
          "fields": [
            "zone_code"
          ]
        },
        "group": {
          "constant": "排污许可证"
        }
      },
      "others": [
        "industry",
        "issuing_authority"
      ]
    },
    {
      "dataset": "emergency_reduction_list",
      "title_zh": "重污染天气应急减排清单",
      "domain": "air",
      "department": "ecology",
      "cadence": "register",
      "key": [
        "effective_from",
        "unit_name",
        "process"
      ],
      "types": {
        "effective_from": "date",
        "unit_name": "string",
        "process": "string",
        "season": "enum",
        "permit_number": "string",
        "industry": "string",
        "township": "township",
        "grade": "enum",
        "graded_on": "date",
        "yellow_measure": "string",
        "orange_measure": "string",
        "red_measure": "string",
        "yellow_cut": "float",
        "orange_cut": "float",
        "red_cut": "float"
      },
      "units": {
        "yellow_cut": "%",
        "orange_cut": "%",
        "red_cut": "%"
      },
      "roles": {
        "group": {
          "constant": "应急减排清单"
        },
        "object": {
          "fields": [
            "unit_name"
          ]
        },
        "item": {
          "fields": [
            "process"
          ]
        },
        "version": {
          "fields": [
            "effective_from"
          ]
        },
        "class": {
          "fields": [
            "grade"
          ]
        },
        "value": {
          "fields": [
            "red_cut"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "replaced_as_a_whole": {
          "constant": "是"
        }
      },
      "others": [
        "season",
        "industry",
        "graded_on",
        "yellow_measure",
        "orange_measure",
        "red_measure",
        "yellow_cut",
        "orange_cut"
      ]
    },
    {
      "dataset": "key_units",
      "title_zh": "重点单位名录",
      "domain": "governance",
      "department": "ecology",
      "cadence": "register",
      "key": [
        "list_name",
        "unit_name",
        "listed_on"
      ],
      "types": {
        "list_name": "enum",
        "unit_name": "string",
        "listed_on": "date",
        "removed_on": "date",
        "permit_number": "string",
        "industry": "string",
        "township": "township",
        "grade": "enum",
        "treatment_process": "string",
        "seal_points": "int",
        "document_no": "string"
      },
      "units": {
        "seal_points": "个"
      },
      "roles": {
        "group": {
          "fields": [
            "list_name"
          ]
        },
        "object": {
          "fields": [
            "unit_name"
          ]
        },
        "version": {
          "fields": [
            "listed_on"
          ]
        },
        "ended": {
          "fields": [
            "removed_on"
          ]
        },
        "class": {
          "fields": [
            "grade"
          ]
        },
        "status": {
          "fields": [
            "treatment_process"
          ]
        },
        "value": {
          "fields": [
            "seal_points"
          ]
        },
        "evidence": {
          "fields": [
            "document_no"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        }
      },
      "others": [
        "industry"
      ]
    },
    {
      "dataset": "patrol_objects",
      "title_zh": "巡查监测对象名录",
      "domain": "governance",
      "department": "water_affairs",
      "cadence": "register",
      "key": [
        "object_kind",
        "object_name",
        "effective_from"
      ],
      "types": {
        "object_kind": "enum",
        "object_name": "string",
        "effective_from": "date",
        "belongs_to": "string",
        "object_class": "enum",
        "object_status": "enum",
        "township": "township",
        "responsible_unit": "string",
        "responsible_person": "string",
        "visits_per_month": "float",
        "auto_required": "bool"
      },
      "units": {},
      "roles": {
        "group": {
          "fields": [
            "object_kind"
          ]
        },
        "object": {
          "fields": [
            "object_name"
          ]
        },
        "version": {
          "fields": [
            "effective_from"
          ]
        },
        "class": {
          "fields": [
            "object_class"
          ]
        },
        "status": {
          "fields": [
            "object_status"
          ]
        },
        "responsible_unit": {
          "fields": [
            "responsible_unit"
          ]
        },
        "responsible_person": {
          "fields": [
            "responsible_person"
          ]
        },
        "place": {
          "fields": [
            "belongs_to"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "visits": {
          "fields": [
            "visits_per_month"
          ]
        },
        "auto": {
          "fields": [
            "auto_required"
          ]
        }
      },
      "others": []
    },
    {
      "dataset": "permit_limits",
      "title_zh": "排污许可限值",
      "domain": "governance",
      "department": "ecology",
      "cadence": "register",
      "key": [
        "permit_number",
        "outlet_code",
        "pollutant",
        "effective_from"
      ],
      "types": {
        "permit_number": "string",
        "outlet_code": "string",
        "pollutant": "enum",
        "effective_from": "date",
        "unit_name": "string",
        "concentration_limit": "float",
        "concentration_unit": "enum",
        "annual_limit": "float",
        "discharge_standard": "string"
      },
      "units": {
        "annual_limit": "吨"
      },
      "roles": {
        "code": {
          "fields": [
            "permit_number"
          ]
        },
        "object": {
          "fields": [
            "outlet_code"
          ]
        },
        "item": {
          "fields": [
            "pollutant"
          ]
        },
        "version": {
          "fields": [
            "effective_from"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "value": {
          "fields": [
            "concentration_limit"
          ]
        },
        "amount": {
          "fields": [
            "annual_limit"
          ]
        },
        "group": {
          "constant": "排污许可限值"
        }
      },
      "others": [
        "unit_name",
        "concentration_unit",
        "discharge_standard"
      ]
    },
    {
      "dataset": "radiation_sources",
      "title_zh": "核技术利用与放射源台账",
      "domain": "governance",
      "department": "ecology",
      "cadence": "register",
      "key": [
        "source_code",
        "status_on"
      ],
      "types": {
        "source_code": "string",
        "status_on": "date",
        "unit_name": "string",
        "license_no": "string",
        "source_class": "enum",
        "nuclide": "string",
        "mobile": "bool",
        "status": "enum",
        "stored_on": "date",
        "township": "township",
        "monitor_point": "string"
      },
      "units": {},
      "roles": {
        "code": {
          "fields": [
            "source_code"
          ]
        },
        "object": {
          "fields": [
            "unit_name"
          ]
        },
        "version": {
          "fields": [
            "status_on"
          ]
        },
        "class": {
          "fields": [
            "source_class"
          ]
        },
        "status": {
          "fields": [
            "status"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "point": {
          "fields": [
            "monitor_point"
          ]
        },
        "group": {
          "constant": "放射源"
        }
      },
      "others": [
        "license_no",
        "nuclide",
        "mobile",
        "stored_on"
      ]
    },
    {
      "dataset": "river_outfalls",
      "title_zh": "入河排污口名录",
      "domain": "water",
      "department": "ecology",
      "cadence": "register",
      "key": [
        "outfall_code",
        "surveyed_on"
      ],
      "types": {
        "outfall_code": "string",
        "surveyed_on": "date",
        "outfall_name": "string",
        "river_name": "string",
        "outfall_class": "enum",
        "responsible_body": "string",
        "permit_number": "string",
        "approval_no": "string",
        "rectification": "enum",
        "signed": "bool",
        "township": "township",
        "longitude": "float",
        "latitude": "float"
      },
      "units": {},
      "roles": {
        "code": {
          "fields": [
            "outfall_code"
          ]
        },
        "object": {
          "fields": [
            "outfall_name"
          ]
        },
        "version": {
          "fields": [
            "surveyed_on"
          ]
        },
        "group": {
          "constant": "入河排污口"
        },
        "class": {
          "fields": [
            "outfall_class"
          ]
        },
        "status": {
          "fields": [
            "rectification"
          ]
        },
        "evidence": {
          "fields": [
            "approval_no"
          ]
        },
        "responsible_unit": {
          "fields": [
            "responsible_body"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "place": {
          "fields": [
            "river_name"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        }
      },
      "others": [
        "signed",
        "longitude",
        "latitude"
      ]
    },
    {
      "dataset": "soil_plots",
      "title_zh": "地块土壤环境档案",
      "domain": "governance",
      "department": "ecology",
      "cadence": "register",
      "key": [
        "plot_code",
        "determined_on"
      ],
      "types": {
        "plot_code": "string",
        "determined_on": "date",
        "plot_name": "string",
        "plot_kind": "enum",
        "quality_class": "enum",
        "basis": "enum",
        "evidence_no": "string",
        "plot_area": "float",
        "township": "township",
        "permit_number": "string",
        "planned_use": "string",
        "surveyed_on": "date",
        "risk_assessed_on": "date",
        "remediated_on": "date",
        "reuse_state": "enum"
      },
      "units": {
        "plot_area": "m²"
      },
      "roles": {
        "code": {
          "fields": [
            "plot_code"
          ]
        },
        "object": {
          "fields": [
            "plot_name"
          ]
        },
        "version": {
          "fields": [
            "determined_on"
          ]
        },
        "group": {
          "fields": [
            "plot_kind"
          ]
        },
        "class": {
          "fields": [
            "quality_class"
          ]
        },
        "status": {
          "fields": [
            "reuse_state"
          ]
        },
        "steps": {
          "fields": [
            "surveyed_on",
            "risk_assessed_on",
            "remediated_on"
          ]
        },
        "evidence": {
          "fields": [
            "basis",
            "evidence_no"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "value": {
          "fields": [
            "plot_area"
          ]
        }
      },
      "others": [
        "planned_use"
      ]
    }
  ],
  "ledger": [
    {
      "dataset": "black_odorous_water",
      "title_zh": "黑臭水体",
      "domain": "water",
      "department": "ecology",
      "cadence": "annual",
      "key": [
        "year",
        "water_body"
      ],
      "types": {
        "year": "year",
        "water_body": "string",
        "setting": "enum",
        "township": "township",
        "black_odorous": "bool",
        "area_size": "float"
      },
      "units": {
        "area_size": "m²"
      },
      "roles": {
        "kind": {
          "constant": "农村黑臭水体"
        },
        "object": {
          "fields": [
            "water_body"
          ]
        },
        "opened": {
          "fields": [
            "year"
          ]
        },
        "still_open": {
          "fields": [
            "black_odorous"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "only": {
          "equals": {
            "setting": "农村"
          }
        }
      },
      "others": [
        "area_size"
      ]
    },
    {
      "dataset": "construction_projects",
      "title_zh": "建设项目环评与验收",
      "domain": "governance",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "project_code"
      ],
      "types": {
        "project_code": "string",
        "project_name": "string",
        "builder": "string",
        "eia_kind": "enum",
        "approved_on": "date",
        "approval_no": "string",
        "permit_number": "string",
        "zone_code": "string",
        "township": "township",
        "supervised": "bool",
        "started_on": "date",
        "completed_on": "date",
        "acceptance_by": "date",
        "accepted_on": "date",
        "acceptance_no": "string"
      },
      "units": {},
      "roles": {
        "kind": {
          "constant": "建设项目验收"
        },
        "object": {
          "fields": [
            "project_name"
          ]
        },
        "opened": {
          "fields": [
            "approved_on"
          ]
        },
        "due_from": {
          "fields": [
            "completed_on"
          ]
        },
        "deadline": {
          "fields": [
            "acceptance_by"
          ]
        },
        "closed": {
          "fields": [
            "accepted_on"
          ]
        },
        "evidence": {
          "fields": [
            "acceptance_no"
          ]
        },
        "responsible_unit": {
          "fields": [
            "builder"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "zone": {
          "fields": [
            "zone_code"
          ]
        }
      },
      "others": [
        "eia_kind",
        "approval_no",
        "supervised",
        "started_on"
      ]
    },
    {
      "dataset": "disclosures",
      "title_zh": "信息公开台账",
      "domain": "governance",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "discloser",
        "matter",
        "year",
        "part_of_year"
      ],
      "types": {
        "discloser": "string",
        "matter": "enum",
        "year": "year",
        "part_of_year": "enum",
        "discloser_kind": "enum",
        "permit_number": "string",
        "due_on": "date",
        "approved_on": "date",
        "disclosed_on": "date",
        "complete": "bool",
        "channel": "string",
        "web_address": "string",
        "release_id": "string"
      },
      "units": {},
      "roles": {
        "kind": {
          "fields": [
            "discloser_kind"
          ]
        },
        "object": {
          "fields": [
            "discloser"
          ]
        },
        "problem": {
          "fields": [
            "matter"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "part": {
          "fields": [
            "part_of_year"
          ]
        },
        "deadline": {
          "fields": [
            "due_on"
          ]
        },
        "approved": {
          "fields": [
            "approved_on"
          ]
        },
        "release": {
          "fields": [
            "release_id"
          ]
        },
        "completed": {
          "fields": [
            "disclosed_on"
          ]
        },
        "closed": {
          "fields": [
            "disclosed_on"
          ]
        },
        "evidence": {
          "fields": [
            "web_address"
          ]
        },
        "compliant": {
          "fields": [
            "complete"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        }
      },
      "others": [
        "channel"
      ]
    },
    {
      "dataset": "land_change_patches",
      "title_zh": "遥感监测变化图斑",
      "domain": "governance",
      "department": "natural_resources",
      "cadence": "event",
      "key": [
        "patch_id"
      ],
      "types": {
        "patch_id": "string",
        "found_on": "date",
        "compared_with": "date",
        "change_kind": "string",
        "patch_area": "float",
        "zone_code": "string",
        "redline_area": "float",
        "township": "township",
        "approval_no": "string",
        "check_result": "enum",
        "checked_on": "date",
        "deadline": "date",
        "rectified_on": "date",
        "closed_on": "date"
      },
      "units": {
        "patch_area": "m²",
        "redline_area": "m²"
      },
      "roles": {
        "kind": {
          "constant": "遥感变化图斑"
        },
        "source": {
          "constant": "卫星遥感"
        },
        "object": {
          "fields": [
            "patch_id"
          ]
        },
        "problem": {
          "fields": [
            "change_kind"
          ]
        },
        "opened": {
          "fields": [
            "found_on"
          ]
        },
        "answered": {
          "fields": [
            "checked_on"
          ]
        },
        "deadline": {
          "fields": [
            "deadline"
          ]
        },
        "completed": {
          "fields": [
            "rectified_on"
          ]
        },
        "closed": {
          "fields": [
            "closed_on"
          ]
        },
        "evidence": {
          "fields": [
            "approval_no"
          ]
        },
        "class": {
          "fields": [
            "check_result"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "zone": {
          "fields": [
            "zone_code"
          ]
        },
        "value": {
          "fields": [
            "redline_area"
          ]
        }
      },
      "others": [
        "compared_with",
        "patch_area"
      ]
    },
    {
      "dataset": "supervision_items",
      "title_zh": "监管问题台账",
      "domain": "governance",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "item_id"
      ],
      "types": {
        "item_id": "string",
        "ledger": "enum",
        "source": "enum",
        "object_name": "string",
        "permit_number": "string",
        "township": "township",
        "key_link": "enum",
        "problem": "string",
        "found_at": "datetime",
        "checked_on": "date",
        "deadline": "date",
        "responsible_unit": "string",
        "responsible_person": "string",
        "progress": "string",
        "completed_on": "date",
        "closed_on": "date",
        "evidence": "string",
        "alert_id": "string",
        "longitude": "float",
        "latitude": "float"
      },
      "units": {},
      "roles": {
        "kind": {
          "fields": [
            "ledger"
          ]
        },
        "source": {
          "fields": [
            "source"
          ]
        },
        "object": {
          "fields": [
            "object_name"
          ]
        },
        "problem": {
          "fields": [
            "problem"
          ]
        },
        "opened": {
          "fields": [
            "found_at"
          ]
        },
        "answered": {
          "fields": [
            "checked_on"
          ]
        },
        "deadline": {
          "fields": [
            "deadline"
          ]
        },
        "completed": {
          "fields": [
            "completed_on"
          ]
        },
        "closed": {
          "fields": [
            "closed_on"
          ]
        },
        "evidence": {
          "fields": [
            "evidence"
          ]
        },
        "responsible_unit": {
          "fields": [
            "responsible_unit"
          ]
        },
        "responsible_person": {
          "fields": [
            "responsible_person"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "alert": {
          "fields": [
            "alert_id"
          ]
        }
      },
      "others": [
        "key_link",
        "progress",
        "longitude",
        "latitude"
      ]
    },
    {
      "dataset": "task_assignments",
      "title_zh": "年度任务分解",
      "domain": "governance",
      "department": "development_reform",
      "cadence": "event",
      "key": [
        "year",
        "item_id"
      ],
      "types": {
        "year": "year",
        "item_id": "string",
        "responsible_unit": "string",
        "responsible_person": "string",
        "task": "string"
      },
      "units": {},
      "roles": {
        "kind": {
          "constant": "年度重点任务"
        },
        "object": {
          "fields": [
            "item_id"
          ]
        },
        "problem": {
          "fields": [
            "task"
          ]
        },
        "opened": {
          "fields": [
            "year"
          ]
        },
        "responsible_unit": {
          "fields": [
            "responsible_unit"
          ]
        },
        "responsible_person": {
          "fields": [
            "responsible_person"
          ]
        }
      },
      "others": []
    },
    {
      "dataset": "warnings_and_events",
      "title_zh": "预警与突发环境事件",
      "domain": "governance",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "event_id"
      ],
      "types": {
        "event_id": "string",
        "event_kind": "enum",
        "severity": "enum",
        "occurred_at": "datetime",
        "reported_at": "datetime",
        "ended_at": "datetime",
        "area": "area",
        "object_name": "string",
        "permit_number": "string",
        "predicted_aqi": "int",
        "predicted_for": "date",
        "cause": "string",
        "monitoring_result": "string",
        "measures": "string"
      },
      "units": {
        "predicted_aqi": "无量纲"
      },
      "roles": {
        "kind": {
          "fields": [
            "event_kind"
          ]
        },
        "class": {
          "fields": [
            "severity"
          ]
        },
        "object": {
          "fields": [
            "object_name",
            "area"
          ]
        },
        "problem": {
          "fields": [
            "cause"
          ]
        },
        "opened": {
          "fields": [
            "occurred_at"
          ]
        },
        "answered": {
          "fields": [
            "reported_at"
          ]
        },
        "closed": {
          "fields": [
            "ended_at"
          ]
        },
        "evidence": {
          "fields": [
            "measures"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "area": {
          "fields": [
            "area"
          ]
        },
        "value": {
          "fields": [
            "predicted_aqi"
          ]
        }
      },
      "others": [
        "predicted_for",
        "monitoring_result"
      ]
    }
  ],
  "readings": [
    {
      "dataset": "air_quality_hourly",
      "title_zh": "环境空气小时监测",
      "domain": "air",
      "department": "ecology",
      "cadence": "daily",
      "key": [
        "station",
        "observed_at"
      ],
      "types": {
        "station": "string",
        "observed_at": "datetime",
        "pm25": "float",
        "pm10": "float",
        "so2": "float",
        "no2": "float",
        "co": "float",
        "o3": "float",
        "aqi": "int"
      },
      "units": {
        "pm25": "μg/m³",
        "pm10": "μg/m³",
        "so2": "μg/m³",
        "no2": "μg/m³",
        "co": "mg/m³",
        "o3": "μg/m³",
        "aqi": "无量纲"
      },
      "roles": {
        "object": {
          "fields": [
            "station"
          ]
        },
        "time": {
          "fields": [
            "observed_at"
          ]
        },
        "measures": {
          "fields": [
            "pm25",
            "pm10",
            "so2",
            "no2",
            "co",
            "o3"
          ]
        },
        "summed_by": {
          "constant": "空气质量模型"
        }
      },
      "others": [
        "aqi"
      ]
    },
    {
      "dataset": "drinking_water_sources",
      "title_zh": "集中式饮用水水源水质",
      "domain": "water",
      "department": "ecology",
      "cadence": "quarterly",
      "key": [
        "source_name",
        "sampled_on"
      ],
      "types": {
        "source_name": "string",
        "sampled_on": "date",
        "source_level": "enum",
        "source_type": "enum",
        "quality_class": "water_class",
        "compliant": "bool",
        "withdrawal_volume": "float",
        "exceeded_items": "string"
      },
      "units": {
        "withdrawal_volume": "万m³"
      },
      "roles": {
        "object": {
          "fields": [
            "source_name"
          ]
        },
        "network": {
          "fields": [
            "source_level"
          ]
        },
        "time": {
          "fields": [
            "sampled_on"
          ]
        },
        "compliant": {
          "fields": [
            "compliant"
          ]
        },
        "item": {
          "fields": [
            "exceeded_items"
          ]
        },
        "amount": {
          "fields": [
            "withdrawal_volume"
          ]
        }
      },
      "others": [
        "source_type",
        "quality_class"
      ]
    },
    {
      "dataset": "groundwater_quality",
      "title_zh": "地下水水质",
      "domain": "water",
      "department": "ecology",
      "cadence": "annual",
      "key": [
        "well_name",
        "sampled_on"
      ],
      "types": {
        "well_name": "string",
        "sampled_on": "date",
        "quality_class": "groundwater_class"
      },
      "units": {},
      "roles": {
        "object": {
          "fields": [
            "well_name"
          ]
        },
        "time": {
          "fields": [
            "sampled_on"
          ]
        },
        "class": {
          "fields": [
            "quality_class"
          ]
        }
      },
      "others": []
    },
    {
      "dataset": "outlet_readings",
      "title_zh": "污染源自动监测数据",
      "domain": "air",
      "department": "ecology",
      "cadence": "daily",
      "key": [
        "permit_number",
        "outlet_code",
        "pollutant",
        "observed_at",
        "averaging"
      ],
      "types": {
        "permit_number": "string",
        "outlet_code": "string",
        "pollutant": "enum",
        "observed_at": "datetime",
        "averaging": "enum",
        "unit_name": "string",
        "concentration": "float",
        "converted": "float",
        "concentration_unit": "enum",
        "limit_value": "float",
        "emission": "float",
        "status": "enum"
      },
      "units": {
        "emission": "千克"
      },
      "roles": {
        "object": {
          "fields": [
            "permit_number"
          ]
        },
        "point": {
          "fields": [
            "outlet_code"
          ]
        },
        "item": {
          "fields": [
            "pollutant"
          ]
        },
        "time": {
          "fields": [
            "observed_at"
          ]
        },
        "averaging": {
          "fields": [
            "averaging"
          ]
        },
        "value": {
          "fields": [
            "converted",
            "concentration"
          ]
        },
        "unit": {
          "fields": [
            "concentration_unit"
          ]
        },
        "limit": {
          "fields": [
            "limit_value"
          ]
        },
        "amount": {
          "fields": [
            "emission"
          ]
        },
        "status": {
          "fields": [
            "status"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        }
      },
      "others": [
        "unit_name"
      ]
    },
    {
      "dataset": "rural_sewage_operations",
      "title_zh": "农村生活污水处理设施运维",
      "domain": "water",
      "department": "ecology",
      "cadence": "monthly",
      "key": [
        "facility_name",
        "month"
      ],
      "types": {
        "facility_name": "string",
        "month": "month",
        "village": "string",
        "township": "township",
        "operator": "string",
        "design_capacity": "float",
        "run_days": "int",
        "treated_volume": "float",
        "status": "enum",
        "effluent_cod": "float",
        "effluent_ammonia": "float",
        "effluent_phosphorus": "float",
        "effluent_ss": "float",
        "discharge_standard": "string",
        "patrols": "int"
      },
      "units": {
        "design_capacity": "m³/d",
        "run_days": "天",
        "treated_volume": "m³",
        "effluent_cod": "mg/L",
        "effluent_ammonia": "mg/L",
        "effluent_phosphorus": "mg/L",
        "effluent_ss": "mg/L"
      },
      "roles": {
        "object": {
          "fields": [
            "facility_name"
          ]
        },
        "time": {
          "fields": [
            "month"
          ]
        },
        "measures": {
          "fields": [
            "effluent_cod",
            "effluent_ammonia",
            "effluent_phosphorus",
            "effluent_ss"
          ]
        },
        "amount": {
          "fields": [
            "treated_volume"
          ]
        },
        "status": {
          "fields": [
            "status"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "uptime_days": {
          "fields": [
            "run_days"
          ]
        },
        "standard": {
          "fields": [
            "discharge_standard"
          ]
        }
      },
      "others": [
        "village",
        "operator",
        "design_capacity",
        "patrols"
      ]
    },
    {
      "dataset": "sample_results",
      "title_zh": "环境监测结果",
      "domain": "governance",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "medium",
        "point_name",
        "sampled_on",
        "item",
        "purpose"
      ],
      "types": {
        "medium": "enum",
        "point_name": "string",
        "sampled_on": "date",
        "item": "string",
        "purpose": "enum",
        "value": "float",
        "unit": "string",
        "limit_value": "float",
        "limit_low": "float",
        "compliant": "bool",
        "method": "string",
        "laboratory": "string",
        "permit_number": "string",
        "outlet_code": "string",
        "township": "township"
      },
      "units": {},
      "roles": {
        "object": {
          "fields": [
            "point_name"
          ]
        },
        "network": {
          "fields": [
            "medium"
          ]
        },
        "kind": {
          "fields": [
            "purpose"
          ]
        },
        "time": {
          "fields": [
            "sampled_on"
          ]
        },
        "item": {
          "fields": [
            "item"
          ]
        },
        "value": {
          "fields": [
            "value"
          ]
        },
        "unit": {
          "fields": [
            "unit"
          ]
        },
        "limit": {
          "fields": [
            "limit_value"
          ]
        },
        "limit_low": {
          "fields": [
            "limit_low"
          ]
        },
        "compliant": {
          "fields": [
            "compliant"
          ]
        },
        "method": {
          "fields": [
            "method"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "point": {
          "fields": [
            "outlet_code"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        }
      },
      "others": [
        "laboratory"
      ]
    },
    {
      "dataset": "sensor_readings",
      "title_zh": "物联网监测数据",
      "domain": "governance",
      "department": "natural_resources",
      "cadence": "daily",
      "key": [
        "network",
        "point_code",
        "item",
        "observed_at"
      ],
      "types": {
        "network": "enum",
        "point_code": "string",
        "item": "string",
        "observed_at": "datetime",
        "point_name": "string",
        "object_name": "string",
        "township": "township",
        "value": "float",
        "unit": "string",
        "warn_limit": "float",
        "warn_side": "enum",
        "status": "enum"
      },
      "units": {},
      "roles": {
        "network": {
          "fields": [
            "network"
          ]
        },
        "object": {
          "fields": [
            "object_name"
          ]
        },
        "point": {
          "fields": [
            "point_code"
          ]
        },
        "item": {
          "fields": [
            "item"
          ]
        },
        "time": {
          "fields": [
            "observed_at"
          ]
        },
        "value": {
          "fields": [
            "value"
          ]
        },
        "unit": {
          "fields": [
            "unit"
          ]
        },
        "limit": {
          "fields": [
            "warn_limit"
          ]
        },
        "direction": {
          "fields": [
            "warn_side"
          ]
        },
        "status": {
          "fields": [
            "status"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        }
      },
      "others": [
        "point_name"
      ]
    },
    {
      "dataset": "site_dust_readings",
      "title_zh": "工地扬尘监测数据",
      "domain": "air",
      "department": "housing",
      "cadence": "daily",
      "key": [
        "site_name",
        "device_no",
        "observed_at"
      ],
      "types": {
        "site_name": "string",
        "device_no": "string",
        "observed_at": "datetime",
        "builder": "string",
        "township": "township",
        "pm10": "float",
        "pm25": "float",
        "tsp": "float",
        "pm10_limit": "float",
        "pm25_limit": "float",
        "video_online": "bool",
        "status": "enum"
      },
      "units": {
        "pm10": "μg/m³",
        "pm25": "μg/m³",
        "tsp": "μg/m³",
        "pm10_limit": "μg/m³",
        "pm25_limit": "μg/m³"
      },
      "roles": {
        "object": {
          "fields": [
            "site_name"
          ]
        },
        "point": {
          "fields": [
            "device_no"
          ]
        },
        "time": {
          "fields": [
            "observed_at"
          ]
        },
        "measures": {
          "fields": [
            "pm10",
            "pm25",
            "tsp"
          ]
        },
        "limits": {
          "pairs": {
            "pm10": "pm10_limit",
            "pm25": "pm25_limit"
          }
        },
        "status": {
          "fields": [
            "status"
          ]
        },
        "online": {
          "fields": [
            "video_online"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        }
      },
      "others": [
        "builder"
      ]
    },
    {
      "dataset": "wastewater_plants",
      "title_zh": "污水处理厂运行月报",
      "domain": "water",
      "department": "housing",
      "cadence": "monthly",
      "key": [
        "plant_name",
        "month"
      ],
      "types": {
        "plant_name": "string",
        "month": "month",
        "design_capacity": "float",
        "treated_volume": "float",
        "influent_cod": "float",
        "effluent_cod": "float",
        "influent_ammonia": "float",
        "effluent_ammonia": "float",
        "influent_phosphorus": "float",
        "effluent_phosphorus": "float",
        "sludge_generated": "float",
        "sludge_disposed": "float",
        "reclaimed_volume": "float",
        "electricity_used": "float"
      },
      "units": {
        "design_capacity": "m³/d",
        "treated_volume": "万m³",
        "influent_cod": "mg/L",
        "effluent_cod": "mg/L",
        "influent_ammonia": "mg/L",
        "effluent_ammonia": "mg/L",
        "influent_phosphorus": "mg/L",
        "effluent_phosphorus": "mg/L",
        "sludge_generated": "吨",
        "sludge_disposed": "吨",
        "reclaimed_volume": "万m³",
        "electricity_used": "万kWh"
      },
      "roles": {
        "object": {
          "fields": [
            "plant_name"
          ]
        },
        "time": {
          "fields": [
            "month"
          ]
        },
        "measures": {
          "fields": [
            "effluent_cod",
            "effluent_ammonia",
            "effluent_phosphorus"
          ]
        },
        "amount": {
          "fields": [
            "treated_volume"
          ]
        },
        "judged_elsewhere": {
          "constant": "污水处理厂出水"
        }
      },
      "others": [
        "design_capacity",
        "influent_cod",
        "influent_ammonia",
        "influent_phosphorus",
        "sludge_generated",
        "sludge_disposed",
        "reclaimed_volume",
        "electricity_used"
      ]
    },
    {
      "dataset": "water_section_quality",
      "title_zh": "地表水断面水质监测",
      "domain": "water",
      "department": "ecology",
      "cadence": "monthly",
      "key": [
        "section_name",
        "sampled_at"
      ],
      "types": {
        "section_name": "string",
        "sampled_at": "datetime",
        "river_name": "string",
        "reported_class": "water_class",
        "water_temperature": "float",
        "ph": "float",
        "dissolved_oxygen": "float",
        "permanganate_index": "float",
        "chemical_oxygen_demand": "float",
        "biochemical_oxygen_demand": "float",
        "ammonia_nitrogen": "float",
        "total_phosphorus": "float",
        "total_nitrogen": "float",
        "copper": "float",
        "zinc": "float",
        "fluoride": "float",
        "selenium": "float",
        "arsenic": "float",
        "mercury": "float",
        "cadmium": "float",
        "hexavalent_chromium": "float",
        "lead": "float",
        "cyanide": "float",
        "volatile_phenol": "float",
        "petroleum": "float",
        "anionic_surfactant": "float",
        "sulfide": "float",
        "conductivity": "float",
        "turbidity": "float"
      },
      "units": {
        "water_temperature": "℃",
        "ph": "无量纲",
        "dissolved_oxygen": "mg/L",
        "permanganate_index": "mg/L",
        "chemical_oxygen_demand": "mg/L",
        "biochemical_oxygen_demand": "mg/L",
        "ammonia_nitrogen": "mg/L",
        "total_phosphorus": "mg/L",
        "total_nitrogen": "mg/L",
        "copper": "mg/L",
        "zinc": "mg/L",
        "fluoride": "mg/L",
        "selenium": "mg/L",
        "arsenic": "mg/L",
        "mercury": "mg/L",
        "cadmium": "mg/L",
        "hexavalent_chromium": "mg/L",
        "lead": "mg/L",
        "cyanide": "mg/L",
        "volatile_phenol": "mg/L",
        "petroleum": "mg/L",
        "anionic_surfactant": "mg/L",
        "sulfide": "mg/L",
        "conductivity": "μS/cm",
        "turbidity": "NTU"
      },
      "roles": {
        "object": {
          "fields": [
            "section_name"
          ]
        },
        "time": {
          "fields": [
            "sampled_at"
          ]
        },
        "class": {
          "fields": [
            "reported_class"
          ]
        },
        "judged_elsewhere": {
          "constant": "水质断面"
        }
      },
      "others": [
        "river_name",
        "water_temperature",
        "ph",
        "dissolved_oxygen",
        "permanganate_index",
        "chemical_oxygen_demand",
        "biochemical_oxygen_demand",
        "ammonia_nitrogen",
        "total_phosphorus",
        "total_nitrogen",
        "copper",
        "zinc",
        "fluoride",
        "selenium",
        "arsenic",
        "mercury",
        "cadmium",
        "hexavalent_chromium",
        "lead",
        "cyanide",
        "volatile_phenol",
        "petroleum",
        "anionic_surfactant",
        "sulfide",
        "conductivity",
        "turbidity"
      ]
    }
  ],
  "quota": [
    {
      "dataset": "basin_measures",
      "title_zh": "小流域水土保持措施",
      "domain": "water",
      "department": "water_affairs",
      "cadence": "annual",
      "key": [
        "year",
        "basin_name",
        "measure"
      ],
      "types": {
        "year": "year",
        "basin_name": "string",
        "measure": "enum",
        "township": "township",
        "planned_area": "float",
        "completed_area": "float",
        "works_count": "int",
        "investment": "float"
      },
      "units": {
        "planned_area": "公顷",
        "completed_area": "公顷",
        "works_count": "个",
        "investment": "万元"
      },
      "roles": {
        "object": {
          "fields": [
            "basin_name"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "item": {
          "fields": [
            "measure"
          ]
        },
        "cap": {
          "fields": [
            "planned_area"
          ]
        },
        "used": {
          "fields": [
            "completed_area"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        }
      },
      "others": [
        "works_count",
        "investment"
      ]
    },
    {
      "dataset": "discharge_right_trades",
      "title_zh": "排污权交易",
      "domain": "governance",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "trade_no"
      ],
      "types": {
        "trade_no": "string",
        "traded_on": "date",
        "pollutant": "enum",
        "trade_kind": "enum",
        "seller": "string",
        "seller_permit": "string",
        "buyer": "string",
        "buyer_permit": "string",
        "quantity": "float",
        "amount": "float",
        "valid_from": "date",
        "valid_to": "date"
      },
      "units": {
        "quantity": "吨",
        "amount": "万元"
      },
      "roles": {
        "trade": {
          "fields": [
            "trade_no"
          ]
        },
        "item": {
          "fields": [
            "pollutant"
          ]
        },
        "period": {
          "fields": [
            "traded_on"
          ]
        },
        "from": {
          "fields": [
            "seller"
          ]
        },
        "from_permit": {
          "fields": [
            "seller_permit"
          ]
        },
        "to": {
          "fields": [
            "buyer"
          ]
        },
        "to_permit": {
          "fields": [
            "buyer_permit"
          ]
        },
        "cap": {
          "fields": [
            "quantity"
          ]
        },
        "valid_from": {
          "fields": [
            "valid_from"
          ]
        },
        "valid_to": {
          "fields": [
            "valid_to"
          ]
        }
      },
      "others": [
        "trade_kind",
        "amount"
      ]
    },
    {
      "dataset": "energy_consumption",
      "title_zh": "能源消费",
      "domain": "energy",
      "department": "energy",
      "cadence": "annual",
      "key": [
        "year",
        "product"
      ],
      "types": {
        "year": "year",
        "product": "string",
        "fossil": "bool",
        "quantity": "float",
        "quantity_unit": "string",
        "standard_coal": "float",
        "co2_factor": "float"
      },
      "units": {
        "standard_coal": "吨标准煤",
        "co2_factor": "吨CO2/吨标准煤"
      },
      "roles": {
        "period": {
          "fields": [
            "year"
          ]
        },
        "item": {
          "fields": [
            "product"
          ]
        },
        "used": {
          "fields": [
            "standard_coal"
          ]
        }
      },
      "others": [
        "fossil",
        "quantity",
        "quantity_unit",
        "co2_factor"
      ]
    },
    {
      "dataset": "key_project_progress",
      "title_zh": "重点工程进展",
      "domain": "governance",
      "department": "development_reform",
      "cadence": "monthly",
      "key": [
        "project_id",
        "month"
      ],
      "types": {
        "project_id": "string",
        "month": "month",
        "cumulative_investment": "float",
        "physical_progress": "float",
        "status": "enum",
        "issues": "string"
      },
      "units": {
        "cumulative_investment": "亿元",
        "physical_progress": "%"
      },
      "roles": {
        "object": {
          "fields": [
            "project_id"
          ]
        },
        "period": {
          "fields": [
            "month"
          ]
        },
        "used": {
          "fields": [
            "cumulative_investment"
          ]
        }
      },
      "others": [
        "physical_progress",
        "status",
        "issues"
      ]
    },
    {
      "dataset": "permit_reports",
      "title_zh": "排污许可执行报告",
      "domain": "governance",
      "department": "ecology",
      "cadence": "annual",
      "key": [
        "permit_number",
        "year",
        "part_of_year",
        "pollutant"
      ],
      "types": {
        "permit_number": "string",
        "year": "year",
        "part_of_year": "enum",
        "pollutant": "enum",
        "unit_name": "string",
        "actual_emission": "float",
        "exceeded_hours": "float",
        "calculated_by": "enum",
        "submitted_on": "date"
      },
      "units": {
        "actual_emission": "吨"
      },
      "roles": {
        "object": {
          "fields": [
            "permit_number"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "item": {
          "fields": [
            "pollutant"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "part": {
          "fields": [
            "part_of_year"
          ]
        },
        "used": {
          "fields": [
            "actual_emission"
          ]
        },
        "basis": {
          "fields": [
            "calculated_by"
          ]
        }
      },
      "others": [
        "unit_name",
        "exceeded_hours",
        "submitted_on"
      ]
    },
    {
      "dataset": "pollutant_emissions",
      "title_zh": "主要污染物排放量",
      "domain": "air",
      "department": "ecology",
      "cadence": "annual",
      "key": [
        "year",
        "pollutant",
        "source"
      ],
      "types": {
        "year": "year",
        "pollutant": "enum",
        "source": "enum",
        "emission": "float"
      },
      "units": {
        "emission": "吨"
      },
      "roles": {
        "period": {
          "fields": [
            "year"
          ]
        },
        "item": {
          "fields": [
            "pollutant"
          ]
        },
        "part": {
          "fields": [
            "source"
          ]
        },
        "used": {
          "fields": [
            "emission"
          ]
        }
      },
      "others": []
    },
    {
      "dataset": "project_funds",
      "title_zh": "重点工程资金",
      "domain": "governance",
      "department": "development_reform",
      "cadence": "annual",
      "key": [
        "project_id",
        "year",
        "fund_source"
      ],
      "types": {
        "project_id": "string",
        "year": "year",
        "fund_source": "enum",
        "budgeted": "float",
        "in_place": "float",
        "paid": "float",
        "as_of": "date"
      },
      "units": {
        "budgeted": "万元",
        "in_place": "万元",
        "paid": "万元"
      },
      "roles": {
        "object": {
          "fields": [
            "project_id"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "item": {
          "fields": [
            "fund_source"
          ]
        },
        "cap": {
          "fields": [
            "budgeted"
          ]
        },
        "allocated": {
          "fields": [
            "in_place"
          ]
        },
        "used": {
          "fields": [
            "paid"
          ]
        }
      },
      "others": [
        "as_of"
      ]
    },
    {
      "dataset": "quota_allocations",
      "title_zh": "控制指标分解",
      "domain": "governance",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "year",
        "control_item",
        "object_name",
        "issued_on"
      ],
      "types": {
        "year": "year",
        "control_item": "string",
        "object_name": "string",
        "issued_on": "date",
        "object_level": "enum",
        "object_code": "string",
        "comparator": "enum",
        "quantity": "float",
        "unit": "string",
        "document_no": "string"
      },
      "units": {},
      "roles": {
        "item": {
          "fields": [
            "control_item"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "level": {
          "fields": [
            "object_level"
          ]
        },
        "object": {
          "fields": [
            "object_name"
          ]
        },
        "object_code": {
          "fields": [
            "object_code"
          ]
        },
        "permit": {
          "fields": [
            "object_code"
          ]
        },
        "cap": {
          "fields": [
            "quantity"
          ]
        },
        "unit": {
          "fields": [
            "unit"
          ]
        },
        "comparator": {
          "fields": [
            "comparator"
          ]
        },
        "version": {
          "fields": [
            "issued_on"
          ]
        },
        "evidence": {
          "fields": [
            "document_no"
          ]
        }
      },
      "others": []
    },
    {
      "dataset": "radioactive_sources",
      "title_zh": "废旧放射源收贮",
      "domain": "air",
      "department": "ecology",
      "cadence": "annual",
      "key": [
        "year"
      ],
      "types": {
        "year": "year",
        "sources_due": "int",
        "sources_stored": "int"
      },
      "units": {
        "sources_due": "枚",
        "sources_stored": "枚"
      },
      "roles": {
        "period": {
          "fields": [
            "year"
          ]
        },
        "item": {
          "constant": "废旧放射源收贮"
        },
        "cap": {
          "fields": [
            "sources_due"
          ]
        },
        "used": {
          "fields": [
            "sources_stored"
          ]
        }
      },
      "others": []
    },
    {
      "dataset": "target_assignments",
      "title_zh": "上级下达目标",
      "domain": "governance",
      "department": "development_reform",
      "cadence": "event",
      "key": [
        "indicator_id",
        "year",
        "authority",
        "document_no"
      ],
      "types": {
        "indicator_id": "string",
        "year": "year",
        "authority": "enum",
        "document_no": "string",
        "comparator": "enum",
        "target_value": "float",
        "issued_on": "date"
      },
      "units": {},
      "roles": {
        "period": {
          "fields": [
            "year"
          ]
        },
        "item": {
          "fields": [
            "indicator_id"
          ]
        },
        "level": {
          "fields": [
            "authority"
          ]
        },
        "cap": {
          "fields": [
            "target_value"
          ]
        },
        "comparator": {
          "fields": [
            "comparator"
          ]
        },
        "version": {
          "fields": [
            "issued_on"
          ]
        },
        "evidence": {
          "fields": [
            "document_no"
          ]
        }
      },
      "others": []
    },
    {
      "dataset": "water_metering",
      "title_zh": "用水计量月报",
      "domain": "water",
      "department": "water_affairs",
      "cadence": "monthly",
      "key": [
        "month",
        "meter_object",
        "object_kind"
      ],
      "types": {
        "month": "month",
        "meter_object": "string",
        "object_kind": "enum",
        "abstraction_permit": "string",
        "industry": "string",
        "use_sector": "enum",
        "water_source": "enum",
        "overdraft_area": "bool",
        "township": "township",
        "metered_volume": "float",
        "billed_volume": "float",
        "online": "bool"
      },
      "units": {
        "metered_volume": "万m³",
        "billed_volume": "万m³"
      },
      "roles": {
        "object": {
          "fields": [
            "meter_object"
          ]
        },
        "level": {
          "fields": [
            "object_kind"
          ]
        },
        "period": {
          "fields": [
            "month"
          ]
        },
        "used": {
          "fields": [
            "metered_volume"
          ]
        },
        "billed": {
          "fields": [
            "billed_volume"
          ]
        },
        "item": {
          "fields": [
            "use_sector"
          ]
        },
        "object_code": {
          "fields": [
            "abstraction_permit"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        }
      },
      "others": [
        "industry",
        "water_source",
        "overdraft_area",
        "online"
      ]
    },
    {
      "dataset": "water_use",
      "title_zh": "用水总量",
      "domain": "water",
      "department": "water_affairs",
      "cadence": "annual",
      "key": [
        "year",
        "use_sector",
        "water_source"
      ],
      "types": {
        "year": "year",
        "use_sector": "enum",
        "water_source": "enum",
        "volume": "float"
      },
      "units": {
        "volume": "万m³"
      },
      "roles": {
        "period": {
          "fields": [
            "year"
          ]
        },
        "item": {
          "fields": [
            "use_sector"
          ]
        },
        "part": {
          "fields": [
            "water_source"
          ]
        },
        "used": {
          "fields": [
            "volume"
          ]
        }
      },
      "others": []
    }
  ],
  "movement": [
    {
      "dataset": "domestic_waste",
      "title_zh": "生活垃圾",
      "domain": "waste",
      "department": "housing",
      "cadence": "monthly",
      "key": [
        "month",
        "area"
      ],
      "types": {
        "month": "month",
        "area": "area",
        "collected": "float",
        "treated": "float",
        "recycled": "float",
        "sorting_accuracy": "float",
        "reported_rate": "float"
      },
      "units": {
        "collected": "吨",
        "treated": "吨",
        "recycled": "吨",
        "sorting_accuracy": "%",
        "reported_rate": "%"
      },
      "roles": {
        "holder": {
          "fields": [
            "area"
          ]
        },
        "material": {
          "constant": "生活垃圾"
        },
        "period": {
          "fields": [
            "month"
          ]
        },
        "generated": {
          "fields": [
            "collected"
          ]
        },
        "used": {
          "fields": [
            "recycled"
          ]
        },
        "disposed": {
          "fields": [
            "treated"
          ]
        },
        "traced_by": {
          "constant": "waste_trips"
        }
      },
      "others": [
        "sorting_accuracy",
        "reported_rate"
      ]
    },
    {
      "dataset": "hazardous_waste",
      "title_zh": "危险废物和医疗废物",
      "domain": "waste",
      "department": "ecology",
      "cadence": "annual",
      "key": [
        "year",
        "facility",
        "waste_class"
      ],
      "types": {
        "year": "year",
        "facility": "string",
        "waste_class": "enum",
        "opening_stock": "float",
        "generated": "float",
        "used_or_disposed": "float",
        "closing_stock": "float",
        "reported_rate": "float"
      },
      "units": {
        "opening_stock": "吨",
        "generated": "吨",
        "used_or_disposed": "吨",
        "closing_stock": "吨",
        "reported_rate": "%"
      },
      "roles": {
        "holder": {
          "fields": [
            "facility"
          ]
        },
        "material": {
          "fields": [
            "waste_class"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "opening": {
          "fields": [
            "opening_stock"
          ]
        },
        "generated": {
          "fields": [
            "generated"
          ]
        },
        "used": {
          "fields": [
            "used_or_disposed"
          ]
        },
        "closing": {
          "fields": [
            "closing_stock"
          ]
        }
      },
      "others": [
        "reported_rate"
      ]
    },
    {
      "dataset": "hazardous_waste_declarations",
      "title_zh": "危险废物申报登记",
      "domain": "waste",
      "department": "ecology",
      "cadence": "annual",
      "key": [
        "year",
        "unit_name",
        "waste_code"
      ],
      "types": {
        "year": "year",
        "unit_name": "string",
        "waste_code": "string",
        "waste_name": "string",
        "permit_number": "string",
        "opening_stock": "float",
        "generated": "float",
        "received_quantity": "float",
        "self_used": "float",
        "self_disposed": "float",
        "sent_out": "float",
        "closing_stock": "float",
        "plan_filed_on": "date",
        "storage_compliant": "bool"
      },
      "units": {
        "opening_stock": "吨",
        "generated": "吨",
        "received_quantity": "吨",
        "self_used": "吨",
        "self_disposed": "吨",
        "sent_out": "吨",
        "closing_stock": "吨"
      },
      "roles": {
        "holder": {
          "fields": [
            "unit_name"
          ]
        },
        "material": {
          "fields": [
            "waste_code"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "opening": {
          "fields": [
            "opening_stock"
          ]
        },
        "generated": {
          "fields": [
            "generated"
          ]
        },
        "received": {
          "fields": [
            "received_quantity"
          ]
        },
        "used": {
          "fields": [
            "self_used"
          ]
        },
        "disposed": {
          "fields": [
            "self_disposed"
          ]
        },
        "sent": {
          "fields": [
            "sent_out"
          ]
        },
        "closing": {
          "fields": [
            "closing_stock"
          ]
        },
        "compliant": {
          "fields": [
            "storage_compliant"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "traced_by": {
          "constant": "hazardous_waste_manifests"
        }
      },
      "others": [
        "waste_name",
        "plan_filed_on"
      ]
    },
    {
      "dataset": "hazardous_waste_manifests",
      "title_zh": "危险废物转移联单",
      "domain": "waste",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "manifest_id",
        "waste_code"
      ],
      "types": {
        "manifest_id": "string",
        "waste_code": "string",
        "generator": "string",
        "carrier": "string",
        "receiver": "string",
        "shipped_on": "date",
        "received_on": "date",
        "shipped_quantity": "float",
        "received_quantity": "float"
      },
      "units": {
        "shipped_quantity": "吨",
        "received_quantity": "吨"
      },
      "roles": {
        "movement": {
          "fields": [
            "manifest_id"
          ]
        },
        "material": {
          "fields": [
            "waste_code"
          ]
        },
        "from": {
          "fields": [
            "generator"
          ]
        },
        "to": {
          "fields": [
            "receiver"
          ]
        },
        "carrier": {
          "fields": [
            "carrier"
          ]
        },
        "sent_at": {
          "fields": [
            "shipped_on"
          ]
        },
        "received_at": {
          "fields": [
            "received_on"
          ]
        },
        "sent": {
          "fields": [
            "shipped_quantity"
          ]
        },
        "received": {
          "fields": [
            "received_quantity"
          ]
        }
      },
      "others": []
    },
    {
      "dataset": "industrial_solid_waste",
      "title_zh": "一般工业固体废物",
      "domain": "waste",
      "department": "industry",
      "cadence": "annual",
      "key": [
        "year",
        "enterprise",
        "waste_type"
      ],
      "types": {
        "year": "year",
        "enterprise": "string",
        "waste_type": "string",
        "opening_stock": "float",
        "generated": "float",
        "used": "float",
        "disposed": "float",
        "dumped": "float",
        "closing_stock": "float"
      },
      "units": {
        "opening_stock": "吨",
        "generated": "吨",
        "used": "吨",
        "disposed": "吨",
        "dumped": "吨",
        "closing_stock": "吨"
      },
      "roles": {
        "holder": {
          "fields": [
            "enterprise"
          ]
        },
        "material": {
          "fields": [
            "waste_type"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "opening": {
          "fields": [
            "opening_stock"
          ]
        },
        "generated": {
          "fields": [
            "generated"
          ]
        },
        "used": {
          "fields": [
            "used"
          ]
        },
        "disposed": {
          "fields": [
            "disposed"
          ]
        },
        "dumped": {
          "fields": [
            "dumped"
          ]
        },
        "closing": {
          "fields": [
            "closing_stock"
          ]
        },
        "traced_by": {
          "constant": "solid_waste_ledger"
        }
      },
      "others": []
    },
    {
      "dataset": "recoverable_waste",
      "title_zh": "建筑垃圾与餐厨垃圾",
      "domain": "waste",
      "department": "housing",
      "cadence": "annual",
      "key": [
        "year",
        "area",
        "waste_type"
      ],
      "types": {
        "year": "year",
        "area": "area",
        "waste_type": "enum",
        "generated": "float",
        "recovered": "float",
        "reported_rate": "float"
      },
      "units": {
        "generated": "吨",
        "recovered": "吨",
        "reported_rate": "%"
      },
      "roles": {
        "holder": {
          "fields": [
            "area"
          ]
        },
        "material": {
          "fields": [
            "waste_type"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "generated": {
          "fields": [
            "generated"
          ]
        },
        "used": {
          "fields": [
            "recovered"
          ]
        },
        "traced_by": {
          "constant": "waste_trips"
        }
      },
      "others": [
        "reported_rate"
      ]
    },
    {
      "dataset": "solid_waste_ledger",
      "title_zh": "工业固废管理台账",
      "domain": "waste",
      "department": "ecology",
      "cadence": "monthly",
      "key": [
        "record_no"
      ],
      "types": {
        "record_no": "string",
        "batch_no": "string",
        "step": "enum",
        "waste_name": "string",
        "waste_code": "string",
        "permit_number": "string",
        "from_unit": "string",
        "to_unit": "string",
        "carrier": "string",
        "moved_on": "date",
        "quantity": "float",
        "received_on": "date",
        "received_quantity": "float",
        "treatment": "string"
      },
      "units": {
        "quantity": "吨",
        "received_quantity": "吨"
      },
      "roles": {
        "movement": {
          "fields": [
            "record_no"
          ]
        },
        "chain": {
          "fields": [
            "batch_no"
          ]
        },
        "step": {
          "fields": [
            "step"
          ]
        },
        "material": {
          "fields": [
            "waste_name"
          ]
        },
        "from": {
          "fields": [
            "from_unit"
          ]
        },
        "to": {
          "fields": [
            "to_unit"
          ]
        },
        "carrier": {
          "fields": [
            "carrier"
          ]
        },
        "sent_at": {
          "fields": [
            "moved_on"
          ]
        },
        "sent": {
          "fields": [
            "quantity"
          ]
        },
        "received_at": {
          "fields": [
            "received_on"
          ]
        },
        "received": {
          "fields": [
            "received_quantity"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        }
      },
      "others": [
        "waste_code",
        "treatment"
      ]
    },
    {
      "dataset": "waste_trips",
      "title_zh": "垃圾清运联单",
      "domain": "waste",
      "department": "housing",
      "cadence": "daily",
      "key": [
        "trip_no"
      ],
      "types": {
        "trip_no": "string",
        "waste_kind": "enum",
        "origin_kind": "enum",
        "origin": "string",
        "township": "township",
        "carrier": "string",
        "transport_permit": "string",
        "destination_kind": "enum",
        "destination": "string",
        "loaded_at": "datetime",
        "arrived_at": "datetime",
        "loaded_quantity": "float",
        "received_quantity": "float",
        "treatment": "enum"
      },
      "units": {
        "loaded_quantity": "吨",
        "received_quantity": "吨"
      },
      "roles": {
        "movement": {
          "fields": [
            "trip_no"
          ]
        },
        "material": {
          "fields": [
            "waste_kind"
          ]
        },
        "from": {
          "fields": [
            "origin"
          ]
        },
        "from_kind": {
          "fields": [
            "origin_kind"
          ]
        },
        "to": {
          "fields": [
            "destination"
          ]
        },
        "to_kind": {
          "fields": [
            "destination_kind"
          ]
        },
        "carrier": {
          "fields": [
            "carrier"
          ]
        },
        "sent_at": {
          "fields": [
            "loaded_at"
          ]
        },
        "received_at": {
          "fields": [
            "arrived_at"
          ]
        },
        "sent": {
          "fields": [
            "loaded_quantity"
          ]
        },
        "received": {
          "fields": [
            "received_quantity"
          ]
        },
        "step": {
          "fields": [
            "treatment"
          ]
        },
        "licence": {
          "fields": [
            "transport_permit"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "term": {
          "constant": "trip_days"
        }
      },
      "others": []
    }
  ],
  "visit": [
    {
      "dataset": "inspections",
      "title_zh": "检查巡查记录",
      "domain": "governance",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "record_no"
      ],
      "types": {
        "record_no": "string",
        "visit_kind": "enum",
        "object_name": "string",
        "permit_number": "string",
        "township": "township",
        "visited_on": "date",
        "inspecting_unit": "string",
        "visit_method": "enum",
        "via_mobile": "bool",
        "problems_found": "int",
        "violation": "string",
        "penalty_no": "string",
        "penalty_amount": "float",
        "decided_on": "date",
        "disclosed_on": "date"
      },
      "units": {
        "problems_found": "个",
        "penalty_amount": "万元"
      },
      "roles": {
        "visit": {
          "fields": [
            "record_no"
          ]
        },
        "kind": {
          "fields": [
            "visit_kind"
          ]
        },
        "object": {
          "fields": [
            "object_name"
          ]
        },
        "visited": {
          "fields": [
            "visited_on"
          ]
        },
        "inspector": {
          "fields": [
            "inspecting_unit"
          ]
        },
        "problems": {
          "fields": [
            "problems_found"
          ]
        },
        "decision": {
          "fields": [
            "penalty_no"
          ]
        },
        "penalty": {
          "fields": [
            "penalty_amount"
          ]
        },
        "disclosed": {
          "fields": [
            "disclosed_on"
          ]
        },
        "mobile": {
          "fields": [
            "via_mobile"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "township": {
          "fields": [
            "township"
          ]
        },
        "decided": {
          "fields": [
            "decided_on"
          ]
        }
      },
      "others": [
        "visit_method",
        "violation"
      ]
    },
    {
      "dataset": "leak_tests",
      "title_zh": "泄漏检测与修复",
      "domain": "air",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "permit_number",
        "installation",
        "seal_kind",
        "tested_on"
      ],
      "types": {
        "permit_number": "string",
        "installation": "string",
        "seal_kind": "enum",
        "tested_on": "date",
        "unit_name": "string",
        "seal_points": "int",
        "tested_points": "int",
        "leaking_points": "int",
        "repaired_points": "int",
        "repaired_on": "date",
        "tested_by": "string"
      },
      "units": {
        "seal_points": "个",
        "tested_points": "个",
        "leaking_points": "个",
        "repaired_points": "个"
      },
      "roles": {
        "object": {
          "fields": [
            "unit_name",
            "permit_number"
          ]
        },
        "permit": {
          "fields": [
            "permit_number"
          ]
        },
        "point": {
          "fields": [
            "installation"
          ]
        },
        "kind": {
          "constant": "泄漏检测与修复"
        },
        "visited": {
          "fields": [
            "tested_on"
          ]
        },
        "inspector": {
          "fields": [
            "tested_by"
          ]
        },
        "problems": {
          "fields": [
            "leaking_points"
          ]
        },
        "settled": {
          "fields": [
            "repaired_points"
          ]
        },
        "size": {
          "fields": [
            "seal_points"
          ]
        },
        "class": {
          "fields": [
            "seal_kind"
          ]
        }
      },
      "others": [
        "tested_points",
        "repaired_on"
      ]
    }
  ],
  "score": [
    {
      "dataset": "assessment_scores",
      "title_zh": "考核评分",
      "domain": "governance",
      "department": "development_reform",
      "cadence": "annual",
      "key": [
        "year",
        "scheme",
        "subject",
        "item"
      ],
      "types": {
        "year": "year",
        "scheme": "enum",
        "subject": "string",
        "item": "string",
        "subject_kind": "enum",
        "indicator_id": "string",
        "full_marks": "float",
        "score": "float",
        "evidence_value": "float",
        "evidence_unit": "string",
        "result": "enum",
        "consequence": "string",
        "scored_on": "date",
        "document_no": "string"
      },
      "units": {},
      "roles": {
        "scheme": {
          "fields": [
            "scheme"
          ]
        },
        "subject": {
          "fields": [
            "subject"
          ]
        },
        "subject_kind": {
          "fields": [
            "subject_kind"
          ]
        },
        "item": {
          "fields": [
            "item"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "score": {
          "fields": [
            "score"
          ]
        },
        "full": {
          "fields": [
            "full_marks"
          ]
        },
        "value": {
          "fields": [
            "evidence_value"
          ]
        },
        "unit": {
          "fields": [
            "evidence_unit"
          ]
        },
        "class": {
          "fields": [
            "result"
          ]
        },
        "evidence": {
          "fields": [
            "document_no"
          ]
        },
        "indicator": {
          "fields": [
            "indicator_id"
          ]
        },
        "consequence": {
          "fields": [
            "consequence"
          ]
        },
        "scored": {
          "fields": [
            "scored_on"
          ]
        }
      },
      "others": []
    },
    {
      "dataset": "ecological_assets",
      "title_zh": "生态资产审计",
      "domain": "governance",
      "department": "natural_resources",
      "cadence": "annual",
      "key": [
        "year",
        "area",
        "asset_kind"
      ],
      "types": {
        "year": "year",
        "area": "area",
        "asset_kind": "enum",
        "asset_area": "float",
        "asset_value": "float",
        "quality_index": "float",
        "audit_no": "string",
        "audited_on": "date"
      },
      "units": {
        "asset_area": "公顷",
        "asset_value": "万元",
        "quality_index": "无量纲"
      },
      "roles": {
        "scheme": {
          "constant": "生态资产审计"
        },
        "subject": {
          "fields": [
            "area"
          ]
        },
        "item": {
          "fields": [
            "asset_kind"
          ]
        },
        "period": {
          "fields": [
            "year"
          ]
        },
        "score": {
          "fields": [
            "asset_value"
          ]
        },
        "value": {
          "fields": [
            "asset_area"
          ]
        },
        "evidence": {
          "fields": [
            "audit_no"
          ]
        },
        "scored": {
          "fields": [
            "audited_on"
          ]
        }
      },
      "others": [
        "quality_index"
      ]
    },
    {
      "dataset": "public_surveys",
      "title_zh": "公众参与度和满意度调查",
      "domain": "governance",
      "department": "ecology",
      "cadence": "event",
      "key": [
        "surveyed_on",
        "topic",
        "area"
      ],
      "types": {
        "surveyed_on": "date",
        "topic": "enum",
        "area": "area",
        "respondents": "int",
        "participation": "float",
        "satisfaction": "float",
        "survey_method": "string"
      },
      "units": {
        "respondents": "人",
        "participation": "%",
        "satisfaction": "%"
      },
      "roles": {
        "scheme": {
          "constant": "公众调查"
        },
        "subject": {
          "fields": [
            "area"
          ]
        },
        "item": {
          "fields": [
            "topic"
          ]
        },
        "period": {
          "fields": [
            "surveyed_on"
          ]
        },
        "score": {
          "fields": [
            "satisfaction"
          ]
        },
        "value": {
          "fields": [
            "participation"
          ]
        },
        "weight": {
          "fields": [
            "respondents"
          ]
        }
      },
      "others": [
        "survey_method"
      ]
    }
  ]
}) }}
{% endmacro %}


{% macro days_in_order() %}
{{ return({
  "register": [
    [
      "valid_from",
      "valid_to"
    ],
    [
      "version",
      "ended"
    ]
  ],
  "ledger": [
    [
      "opened",
      "closed"
    ],
    [
      "opened",
      "completed"
    ],
    [
      "opened",
      "deadline"
    ],
    [
      "due_from",
      "closed"
    ]
  ],
  "movement": [
    [
      "sent_at",
      "received_at"
    ]
  ]
}) }}
{% endmacro %}
