"""Questions that the plans' data duties ask, on made data, with the values at which answers turn.

One build of the supervision marts for all of them; today is 2026-11-24 in Yangcheng.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_formulas import Scratch

pytestmark = pytest.mark.slow
PERMIT, OTHER, ENDED = (f"91140522MA0ABCDE1X00{n}V" for n in (1, 2, 3))
MARTS = (
    "register_entries fixed_sources ledger_items reading_periods exceedances quota_balances "
    "movement_chains movement_balances visit_coverage scores plan_duties alerts_daily"
)


def hours(day: str, values: list[float | None], **more: Any) -> list[dict[str, Any]]:
    """Return the hours 01:00 to 24:00 of a day in November 2026 of an outlet's SO2."""
    number = int(day[-2:])
    rows = []
    for hour, value in enumerate(values, start=1):
        moment = f"2026-11-{number + hour // 24:02} {hour % 24:02}:00:00"
        rows.append(
            {
                "permit_number": PERMIT,
                "outlet_code": "DA001",
                "pollutant": "二氧化硫",
                "observed_at": moment,
                "averaging": "小时",
                "converted": value,
                "status": "正常" if value is not None else "停产",
                "emission": 1000.0,
                **more,
            }
        )
    return rows


def listed(name: str, unit: str, on: str, **more: Any) -> dict[str, Any]:
    return {"list_name": name, "unit_name": unit, "listed_on": on, **more}


def leg(number: str, batch: str, step: str, on: str, to: str | None = None, **more: Any) -> dict:
    return {
        "record_no": number,
        "batch_no": batch,
        "step": step,
        "waste_name": "粉煤灰",
        "from_unit": "甲",
        "to_unit": to,
        "moved_on": on,
        "quantity": 100.0,
        **more,
    }


def trip(number: str, loaded: str, received: float | None = None, **more: Any) -> dict[str, Any]:
    return {
        "trip_no": number,
        "waste_kind": "建筑垃圾",
        "origin": "工地",
        "origin_kind": "施工工地",
        "destination": "资源化厂",
        "destination_kind": "资源化利用厂",
        "loaded_at": loaded,
        "arrived_at": loaded if received is not None else None,
        "loaded_quantity": 10.0,
        "received_quantity": received,
        "treatment": "资源化利用",
        **more,
    }


def quota(item: str, level: str, name: str, quantity: float, on: str = "2025-01-01", **more: Any):
    return {
        "year": 2025,
        "control_item": item,
        "object_level": level,
        "object_name": name,
        "issued_on": on,
        "quantity": quantity,
        "unit": "吨",
        **more,
    }


ROWS: dict[str, list[dict[str, Any]]] = {
    "discharge_permits": [
        {
            "permit_number": PERMIT,
            "decided_on": "2022-01-23",
            "event": "首次申请",
            "unit_name": "甲",
            "management_level": "重点管理",
            "valid_from": "2022-01-23",
            "valid_to": "2027-01-23",
            "zone_code": "Z1",
        },
        {
            "permit_number": PERMIT,
            "decided_on": "2024-05-01",
            "event": "变更",
            "unit_name": "甲厂",
            "management_level": "重点管理",
        },
        {
            "permit_number": OTHER,
            "decided_on": "2022-01-24",
            "event": "首次申请",
            "unit_name": "乙",
            "management_level": "简化管理",
            "valid_from": "2022-01-24",
            "valid_to": "2027-01-24",
        },
        {
            "permit_number": ENDED,
            "decided_on": "2022-01-01",
            "event": "首次申请",
            "unit_name": "丙",
            "management_level": "重点管理",
            "valid_from": "2022-01-01",
            "valid_to": "2027-01-01",
        },
        {
            "permit_number": ENDED,
            "decided_on": "2025-03-01",
            "event": "注销",
            "unit_name": "丙",
            "management_level": "重点管理",
        },
    ],
    "permit_limits": [
        {
            "permit_number": PERMIT,
            "outlet_code": "DA001",
            "pollutant": "二氧化硫",
            "effective_from": "2022-01-01",
            "concentration_limit": 50.0,
            "annual_limit": 40.0,
        },
        {
            "permit_number": PERMIT,
            "outlet_code": "DA001",
            "pollutant": "二氧化硫",
            "effective_from": "2026-11-21",
            "concentration_limit": 35.0,
            "annual_limit": 30.0,
        },
    ],
    "outlet_readings": [
        *hours("2026-11-20", [50.0] * 23 + [50.1]),  # exactly at the limit 23 times
        *hours("2026-11-21", [35.0] * 22 + [36.0, 70.0]),  # a new limit of 35, twice of it once
        *hours("2026-11-22", [None] * 24),
    ],
    "key_units": [
        listed("重污染天气绩效分级", "甲厂", "2024-02-01", grade="B", permit_number=PERMIT),
        listed("重污染天气绩效分级", "甲厂", "2025-02-01", grade="A", permit_number=PERMIT),
        listed("涉气企业", "甲厂", "2024-01-01", permit_number=PERMIT),
        listed("涉气企业", "乙", "2024-01-01", permit_number=OTHER),
        listed("VOCs排污单位", "甲厂", "2024-01-01", permit_number=PERMIT, seal_points=2000),
        listed("VOCs排污单位", "丁", "2024-01-01", seal_points=1999),
        listed("VOCs排污单位", "戊", "2024-01-01", removed_on="2026-11-24"),
        listed("VOCs排污单位", "己", "2024-01-01", removed_on="2026-11-23"),
        listed("土壤污染重点监管单位", "丙", "2023-01-01", permit_number=ENDED),
        listed("环境监管重点单位", "甲厂", "2025-06-01", permit_number=PERMIT),
        listed("危险废物产生单位", "庚", "2024-01-01"),
    ],
    "emergency_reduction_list": [
        {"unit_name": "甲厂", "process": "烧结", "effective_from": "2024-10-01", "grade": "B"},
        {"unit_name": "乙", "process": "烧结", "effective_from": "2024-10-01", "grade": "C"},
        {"unit_name": "甲厂", "process": "烧结", "effective_from": "2025-10-01", "grade": "A"},
    ],
    "boilers": [
        {
            "boiler_id": "b35",
            "unit_name": "甲厂",
            "status_on": "2026-01-01",
            "fuel": "燃煤",
            "capacity": 35.0,
            "status": "在用",
        },
        {
            "boiler_id": "b36",
            "unit_name": "甲厂",
            "status_on": "2026-01-01",
            "fuel": "燃煤",
            "capacity": 35.1,
            "status": "在用",
        },
    ],
    "supervision_items": [
        {
            "item_id": "今天到期",
            "ledger": "VOCs整治",
            "object_name": "甲厂",
            "found_at": "2026-11-01",
            "deadline": "2026-11-24",
        },
        {
            "item_id": "昨天到期",
            "ledger": "VOCs整治",
            "object_name": "甲厂",
            "found_at": "2026-11-01",
            "deadline": "2026-11-23",
        },
        {
            "item_id": "八天后",
            "ledger": "VOCs整治",
            "object_name": "甲厂",
            "found_at": "2026-11-01",
            "deadline": "2026-12-02",
        },
        {
            "item_id": "按期完成",
            "ledger": "VOCs整治",
            "object_name": "甲厂",
            "found_at": "2026-10-01",
            "deadline": "2026-11-01",
            "completed_on": "2026-11-01",
            "closed_on": "2026-11-10",
        },
        {
            "item_id": "迟完成",
            "ledger": "VOCs整治",
            "object_name": "甲厂",
            "found_at": "2026-10-01",
            "deadline": "2026-11-01",
            "completed_on": "2026-11-02",
            "closed_on": "2026-11-10",
        },
        {
            "item_id": "待销号",
            "ledger": "VOCs整治",
            "object_name": "甲厂",
            "found_at": "2026-10-01",
            "completed_on": "2026-11-02",
        },
        {
            "item_id": "立案",
            "ledger": "超标排放处置",
            "object_name": "甲厂",
            "permit_number": PERMIT,
            "found_at": "2026-11-22",
        },
        {
            "item_id": "黑臭",
            "ledger": "农村黑臭水体",
            "object_name": "小 河",
            "found_at": "2026-01-01",
        },
    ],
    "black_odorous_water": [
        {"year": 2025, "water_body": name, "setting": setting, "black_odorous": True}
        for name, setting in (("小河", "农村"), ("大河", "农村"), ("城河", "县城"))
    ],
    "construction_projects": [
        {"project_code": "p1", "project_name": "竣工三月", "completed_on": "2026-08-24"},
        {"project_code": "p2", "project_name": "竣工更早", "completed_on": "2026-08-23"},
        {
            "project_code": "p3",
            "project_name": "延期",
            "completed_on": "2026-01-01",
            "acceptance_by": "2026-12-31",
        },
        {"project_code": "p4", "project_name": "在建", "approved_on": "2026-01-01"},
    ],
    "warnings_and_events": [
        {
            "event_id": "四小时",
            "event_kind": "突发环境事件",
            "severity": "较大",
            "occurred_at": "2026-11-01 08:00:00",
            "reported_at": "2026-11-01 12:00:00",
        },
        {
            "event_id": "重大",
            "event_kind": "突发环境事件",
            "severity": "重大",
            "occurred_at": "2026-11-01 08:00:00",
            "reported_at": "2026-11-01 10:01:00",
        },
    ],
    "sample_results": [
        {
            "medium": "土壤",
            "point_name": "p",
            "sampled_on": f"2026-10-0{n}",
            "item": "镉",
            "purpose": "例行监测",
            "value": value,
            "unit": "mg/kg",
            "limit_value": 0.3,
        }
        for n, value in ((1, 0.3), (2, 0.31))
    ],
    "drinking_water_sources": [
        {
            "source_name": "水源",
            "source_level": "县级",
            "sampled_on": "2026-05-01",
            "compliant": False,
            "exceeded_items": "氨氮、锰",
        },
    ],
    "rural_sewage_operations": [
        {
            "facility_name": "站",
            "month": "2026-10-01",
            "run_days": 31,
            "effluent_cod": 50.0,
            "status": "正常运行",
        },
    ],
    "quota_allocations": [
        quota("氮氧化物", "全县", "全县", 100.0),
        quota("氮氧化物", "单位", "甲厂", 60.0, object_code=PERMIT),
        quota("氮氧化物", "单位", "乙", 30.0, object_code=OTHER),
        quota("氮氧化物", "单位", "乙", 40.0, on="2025-06-01", object_code=OTHER),
        quota("用水总量", "全县", "全县", 0.5, unit="亿m³"),
    ],
    "permit_reports": [
        {
            "permit_number": PERMIT,
            "year": 2025,
            "part_of_year": part,
            "pollutant": "氮氧化物",
            "actual_emission": 12.5,
        }
        for part in ("一季度", "二季度", "三季度", "四季度")
    ],
    "discharge_right_trades": [
        {
            "trade_no": "1",
            "traded_on": "2025-06-01",
            "pollutant": "氮氧化物",
            "seller": "甲厂",
            "seller_permit": PERMIT,
            "buyer": "乙",
            "buyer_permit": OTHER,
            "quantity": 10.0,
        },
    ],
    "water_use": [
        {"year": 2025, "use_sector": "农业", "water_source": "地表水", "volume": 4500.0},
    ],
    "water_metering": [
        {
            "month": "2025-01-01",
            "meter_object": "十万",
            "object_kind": "自备水源取水户",
            "use_sector": "工业",
            "township": "凤城镇",
            "metered_volume": 10.0,
        },
        {
            "month": "2025-01-01",
            "meter_object": "不足十万",
            "object_kind": "自备水源取水户",
            "use_sector": "工业",
            "township": "凤城镇",
            "metered_volume": 9.999,
        },
        {
            "month": "2025-01-01",
            "meter_object": "漏损十",
            "object_kind": "供水分区",
            "metered_volume": 10.0,
            "billed_volume": 9.0,
        },
        {
            "month": "2025-01-01",
            "meter_object": "漏损多",
            "object_kind": "供水分区",
            "metered_volume": 10.0,
            "billed_volume": 8.9,
        },
    ],
    "project_funds": [
        {
            "project_id": "7-1-01",
            "year": 2025,
            "fund_source": "县级财政",
            "budgeted": 100.0,
            "in_place": 99.9,
            "paid": 10.0,
        },
    ],
    "solid_waste_ledger": [
        leg("1", "闭环", "产生", "2026-10-01"),
        leg(
            "2",
            "闭环",
            "运输转移",
            "2026-10-02",
            "乙厂",
            received_on="2026-10-02",
            received_quantity=99.0,
        ),
        leg("3", "闭环", "综合利用", "2026-10-03", from_unit="乙厂"),
        leg("4", "中断", "产生", "2026-10-01"),
        leg("5", "中断", "综合利用", "2026-10-03", from_unit="丁厂"),
        leg("6", "未闭环", "产生", "2026-10-01"),
    ],
    "waste_trips": [
        trip("今天为止", "2026-11-22 08:00:00"),
        trip("逾期", "2026-11-21 08:00:00"),
        trip("差百分之三", "2026-11-20 08:00:00", 9.7),
        trip("差更多", "2026-11-20 08:00:00", 9.69),
    ],
    "hazardous_waste_declarations": [
        {
            "year": 2025,
            "unit_name": "甲厂",
            "waste_code": "900-249-08",
            "opening_stock": 10.0,
            "generated": 100.0,
            "self_used": 20.0,
            "sent_out": 80.0,
            "closing_stock": 10.0,
        },
    ],
    "hazardous_waste_manifests": [
        {
            "manifest_id": "m1",
            "waste_code": "900-249-08",
            "generator": "甲厂",
            "receiver": "处置",
            "shipped_on": "2025-06-01",
            "shipped_quantity": 80.0,
            "received_on": "2025-06-02",
            "received_quantity": 80.0,
        },
        {
            "manifest_id": "m2",
            "waste_code": "900-250-08",
            "generator": "辛",
            "receiver": "处置",
            "shipped_on": "2025-06-01",
            "shipped_quantity": 1.0,
        },
    ],
    "inspections": [
        {
            "record_no": "1",
            "visit_kind": "专项检查",
            "object_name": "甲厂",
            "permit_number": PERMIT,
            "visited_on": "2025-11-24",
            "penalty_no": "罚1",
            "penalty_amount": 2.0,
        },
        {
            "record_no": "2",
            "visit_kind": "双随机抽查",
            "object_name": "乙",
            "permit_number": OTHER,
            "visited_on": "2025-11-23",
        },
        {"record_no": "3", "visit_kind": "巡河", "object_name": "河一", "visited_on": "2026-10-31"},
        {"record_no": "4", "visit_kind": "巡河", "object_name": "河二", "visited_on": "2026-11-01"},
    ],
    "patrol_objects": [
        {
            "object_kind": "河段",
            "object_name": name,
            "effective_from": "2024-01-01",
            "object_status": "在管",
            "visits_per_month": 1.0,
        }
        for name in ("河一", "河二")
    ],
    "assessment_scores": [
        {
            "year": year,
            "scheme": "生态文明建设考核",
            "subject": "凤城镇",
            "subject_kind": "乡镇",
            "item": "绿色发展",
            "full_marks": 10.0,
            "score": score,
        }
        for year, score in ((2024, 7.0), (2025, 8.0))
    ],
}


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    scratch = Scratch(Path(tmp_path_factory.mktemp("supervision")))
    for dataset, rows in ROWS.items():
        scratch.submit(dataset, rows)
    selected = [f"+{mart}" for mart in MARTS.split()]
    without = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
    scratch.dbt("build", *without, "--select", *selected)
    return scratch


def column(marts: Scratch, query: str) -> dict[str, Any]:
    """Return a query of two columns as {first: second}."""
    return {row[0]: row[1] for row in marts.sql(query)}


def test_versions_of_lists(marts: Scratch) -> None:
    found = marts.sql(
        "select entry_class, previous_class, is_current from marts.register_entries "
        "where register_zh = '重污染天气绩效分级' order by version_from"
    )
    assert found == [("B", None, False), ("A", "B", True)]
    vocs = column(
        marts, "select object, state from marts.register_entries where register_zh = 'VOCs排污单位'"
    )
    assert (vocs["戊"], vocs["己"]) == ("current", "ended")  # current on the day of removal
    left_out = column(
        marts,
        "select object, state from marts.register_entries "
        "where register = 'emergency_reduction_list' and version_from = '2024-10-01'",
    )
    assert left_out == {"甲厂": "superseded", "乙": "superseded"}


def test_permits(marts: Scratch) -> None:
    found = column(
        marts, "select permit_number, permit_state from marts.fixed_sources where is_current"
    )
    assert found == {PERMIT: "expiring", OTHER: "valid", ENDED: "ended"}  # 60 and 61 days to go
    (row,) = marts.sql(
        "select unit_name, valid_to, performance_grade, facts_year, so2_permitted_t, "
        "so2_monitored_t "
        f"from marts.fixed_sources where is_current and permit_number = '{PERMIT}'"
    )
    assert (row[0], str(row[1]), *row[2:]) == ("甲厂", "2027-01-23", "A", 2026, 30.0, 72.0)


def test_ledger_items_at_their_deadlines(marts: Scratch) -> None:
    found = column(
        marts, "select item_id, status from marts.ledger_items where dataset = 'supervision_items'"
    )
    assert found == {
        "今天到期": "due_soon",
        "昨天到期": "overdue",
        "八天后": "open",
        "按期完成": "closed",
        "迟完成": "closed_late",
        "待销号": "done_not_closed",
        "立案": "no_deadline",
        "黑臭": "no_deadline",
    }
    projects = column(
        marts,
        "select object, status from marts.ledger_items where dataset = 'construction_projects'",
    )
    assert projects == {
        "竣工三月": "due_soon",
        "竣工更早": "overdue",
        "延期": "open",
        "在建": "no_deadline",
    }


def test_what_no_ledger_holds(marts: Scratch) -> None:
    found = marts.sql(
        "select object from marts.ledger_items where status = 'not_listed' "
        "and ledger = '农村黑臭水体'"
    )
    assert found == [("大河",)]
    due = marts.sql(
        "select object, problem, year(opened_at) from marts.ledger_items "
        "where dataset = 'disclosures' and status = 'not_listed' order by all"
    )
    assert due == [
        ("丙", "土壤自行监测报告", 2023),
        ("丙", "土壤自行监测报告", 2024),
        ("丙", "土壤自行监测报告", 2025),
        ("甲厂", "环境信息依法披露报告", 2025),
    ]


def test_first_reports_of_events(marts: Scratch) -> None:
    found = column(
        marts,
        "select item_id, is_answered_late from marts.ledger_items "
        "where dataset = 'warnings_and_events'",
    )
    assert found == {"四小时": False, "重大": True}


def test_hours_against_a_limit_that_changes(marts: Scratch) -> None:
    found = marts.sql(
        "select day, hours_exceeded, limit_value, round(largest_multiple, 6), is_serious "
        "from marts.exceedances where dataset = 'outlet_readings' order by day"
    )
    assert [(str(d), *rest) for d, *rest in found] == [
        ("2026-11-20", 1, 50.0, 0.002, False),
        ("2026-11-21", 2, 35.0, 1.0, True),
    ]
    days = column(
        marts,
        "select cast(period_start as varchar), status from marts.reading_periods "
        "where dataset = 'outlet_readings' and period = 'day'",
    )
    assert days["2026-11-22"] == "stopped"
    assert days["2026-11-23"] == "no_data"


def test_cases_of_exceedances(marts: Scratch) -> None:
    found = marts.sql(
        "select case_item_id, days_without_case from marts.exceedances "
        "where dataset = 'outlet_readings' order by day"
    )
    assert found == [("立案", 2), ("立案", 1)]


def test_samples_and_sources(marts: Scratch) -> None:
    found = marts.sql(
        "select status from marts.reading_periods "
        "where dataset = 'sample_results' and period = 'day' order by period_start"
    )
    assert found == [("compliant",), ("exceeded",)]
    items = marts.sql(
        "select item from marts.exceedances where dataset = 'drinking_water_sources' order by item"
    )
    assert items == [("氨氮",), ("锰",)]
    (uptime,) = marts.sql(
        "select distinct uptime_pct from marts.reading_periods "
        "where dataset = 'rural_sewage_operations' and period = 'month'"
    )
    assert uptime == (100.0,)


def test_quotas(marts: Scratch) -> None:
    found = marts.sql(
        "select object, available, used, status, parts_status from marts.quota_balances "
        "where control_item = '氮氧化物' and year = 2025 order by object"
    )
    assert found == [
        ("乙", 50.0, None, "no_use", None),
        ("全县", 100.0, None, "no_use", "adds_up"),
        ("甲厂", 50.0, 50.0, "near", None),
    ]
    (water,) = marts.sql(
        "select cap, use_pct, status, warning_level from marts.quota_balances "
        "where control_item = '用水总量' and object_level = '全县'"
    )
    assert water == (5000.0, 90.0, "near", "临界")
    users = marts.sql(
        "select object, status from marts.quota_balances where control_item = '计划用水量'"
    )
    assert users == [("十万", "no_quota")]
    leakage = column(
        marts, "select object, status from marts.quota_balances where kind = 'leakage'"
    )
    assert leakage == {"漏损十": "within", "漏损多": "exceeded"}
    funds = marts.sql("select status from marts.quota_balances where control_item = '县级财政'")
    assert funds == [("unmet",)]


def test_chains_both_ways(marts: Scratch) -> None:
    found = column(
        marts,
        "select distinct chain_id, chain_status from marts.movement_chains "
        "where dataset = 'solid_waste_ledger'",
    )
    assert found == {"闭环": "closed", "中断": "broken", "未闭环": "open"}
    forward = marts.sql(
        "select distinct final_place from marts.movement_chains where origin = '甲' "
        "and chain_id = '闭环'"
    )
    back = marts.sql("select distinct origin from marts.movement_chains where final_place = '乙厂'")
    assert (forward, back) == ([("乙厂",)], [("甲",)])


def test_terms_and_tolerances_of_trips(marts: Scratch) -> None:
    found = column(
        marts,
        "select movement_id, status from marts.movement_chains where dataset = 'waste_trips'",
    )
    assert found == {
        "今天为止": "on_way",
        "逾期": "not_received",
        "差百分之三": "received",
        "差更多": "differs",
    }


def test_balances_and_declarations(marts: Scratch) -> None:
    found = column(
        marts,
        "select holder, status from marts.movement_balances "
        "where dataset = 'hazardous_waste_declarations'",
    )
    assert found == {"甲厂": "balanced", "辛": "not_declared", "庚": "not_declared"}


def test_visits(marts: Scratch) -> None:
    gas = column(
        marts, "select object, status from marts.visit_coverage where visit_kind = '涉气企业排查'"
    )
    assert gas == {"甲厂": "due_soon", "乙": "missed"}  # due today, and due yesterday
    leaks = marts.sql(
        "select object, status from marts.visit_coverage where visit_kind = '泄漏检测与修复'"
    )
    assert leaks == [("甲厂", "never")]  # 2000 seal points make it due, 1999 do not
    rivers = column(
        marts, "select object, status from marts.visit_coverage where visit_kind = '巡河'"
    )
    assert rivers == {"河一": "covered", "河二": "missed"}  # the last whole month counts


def test_scores(marts: Scratch) -> None:
    found = marts.sql("select year, score_pct, previous_score, change from marts.scores order by 1")
    assert found == [(2024, 70.0, None, None), (2025, 80.0, 7.0, 1.0)]


def test_alerts(marts: Scratch) -> None:
    kinds = column(
        marts,
        "select kind, count(*) from marts.alerts_daily where kind <> 'overdue' group by kind",
    )
    assert kinds.pop("ledger_overdue") > 2
    assert set(kinds) >= {
        *("permit", "register_breach", "event_late", "reading_exceeded", "reading_silent"),
        *("movement_open", "movement_differs", "visit_missed", "quota_exceeded"),
    }
    boilers = marts.sql(
        "select period from marts.alerts_daily where kind = 'register_breach' and object = '甲厂'"
    )
    assert boilers == [("b35 2026-01-01",)]  # 35 t/h itself is meant, 35.1 is not
    ids = marts.sql(
        "select count(*) from marts.exceedances as e anti join marts.alerts_daily as a "
        "on e.alert_id = a.alert_id"
    )
    assert ids == [(0,)]


def test_every_duty_is_listed(marts: Scratch) -> None:
    rows = marts.sql("select function_id, rule_zh, archetype_zh from marts.plan_duties")
    assert len(rows) == 89
    assert all(rule and archetype for _, rule, archetype in rows)
