"""What instruments send and carriers report, from the month before the warehouse opened on."""

from collections.abc import Iterator
from datetime import date, timedelta

from orchestration.demo.county import County, Table, first_of_month, table

PERMITS = {
    "演示钢铁有限公司": "91140522MA0DEMO01X001V",
    "演示化工有限公司": "91140522MA0DEMO02X001V",
}


def reading_tables(county: County) -> Iterator[Table]:
    """Yield the tables of readings and trips of a county; in the last days limits are exceeded."""
    random = county.generator("readings")
    first = first_of_month(county.rounds[0], -1)
    days = [first + timedelta(days=n) for n in range((county.day - first).days)]
    lately = {county.day - timedelta(days=n) for n in (2, 3)}

    def about(level: float, share: float = 0.08) -> float:
        return round(float(level * random.normal(1, share)), 1)

    steel, chemicals = PERMITS.items()
    yield table(
        "outlet_readings",
        "ecology",
        "permit_number outlet_code pollutant observed_at averaging unit_name concentration "
        "converted concentration_unit limit_value emission status",
        (
            (
                permit,
                outlet,
                pollutant,
                day.isoformat(),
                "日",
                name,
                value,
                value,
                unit,
                limit,
                round(value * volume, 1),
                "正常",
            )
            for day in days
            for (name, permit), outlet, pollutant, unit, level, limit, volume in (
                (steel, "DA001", "二氧化硫", "mg/m³", 19.0, 35.0, 6.4),
                (steel, "DA001", "氮氧化物", "mg/m³", 31.0, 50.0, 6.4),
                (chemicals, "DW001", "化学需氧量", "mg/L", 38.0, 60.0, 0.9),
            )
            for exceeded in [day in lately and pollutant == "二氧化硫"]
            for value in [about(47.0 if exceeded else level)]
        ),
    )
    yield table(
        "sensor_readings",
        "natural_resources",
        "network point_code item observed_at point_name object_name township value unit "
        "warn_limit warn_side status",
        (
            (
                network,
                code,
                item,
                f"{day} 12:00:00",
                code,
                name,
                county.townships[place],
                about(level, 0.01),
                unit,
                limit,
                side,
                "正常",
            )
            for day in days
            for network, code, item, name, place, level, unit, limit, side in (
                ("泉域地下水", "Q01", "水位", "演示泉域", 7, 499.0, "m", 470.0, "低于报警"),
                ("山洪", "S01", "雨量", "演示山洪沟", 8, 3.0, "mm", 50.0, "高于报警"),
            )
        ),
    )
    yield table(
        "site_dust_readings",
        "housing",
        "site_name device_no observed_at builder township pm10 pm25 tsp pm10_limit video_online "
        "status",
        (
            (
                site,
                device,
                f"{day} 12:00:00",
                "演示建设公司",
                county.townships[place],
                about(196.0 if day in lately and device == "D02" else 74.0),
                about(35.0),
                about(240.0),
                150.0,
                "是",
                "正常",
            )
            for day in days
            for site, device, place in (("演示花园工地", "D01", 0), ("演示道路工地", "D02", 1))
        ),
    )
    yield table(
        "waste_trips",
        "housing",
        "trip_no waste_kind origin_kind origin township carrier transport_permit destination_kind "
        "destination loaded_at arrived_at loaded_quantity received_quantity treatment",
        (
            (
                f"清{day:%Y%m%d}{n}",
                kind,
                start,
                origin,
                county.townships[n],
                "演示运输公司",
                "准1",
                end,
                goal,
                f"{day} 08:00:00",
                f"{day} 09:10:00",
                load,
                load,
                treatment,
            )
            for day in days
            for n, (kind, start, origin, end, goal, treatment) in enumerate(
                (
                    ("生活垃圾", "收集点", "凤城收集点", "中转站", "演示中转站", "中转"),
                    (
                        "建筑垃圾",
                        "施工工地",
                        "演示花园工地",
                        "资源化利用厂",
                        "演示再生厂",
                        "资源化利用",
                    ),
                )
            )
            for load in [about(9.0)]
        ),
    )
    yield table(
        "solid_waste_ledger",
        "ecology",
        "record_no batch_no step waste_name permit_number from_unit to_unit carrier moved_on "
        "quantity received_on received_quantity treatment",
        _batches(county, first),
    )


def _batches(county: County, first: date) -> Iterator[tuple[object, ...]]:
    month = first
    steel, permit = next(iter(PERMITS.items()))
    while month < county.day.replace(day=1):
        batch, day = f"渣{month:%Y%m}", month.replace(day=20)
        for number, (step, goal, carrier) in enumerate(
            (("产生", "", ""), ("运输转移", "演示建材厂", "演示运输公司"), ("综合利用", "", ""))
        ):
            source = "演示建材厂" if step == "综合利用" else steel
            moved = day + timedelta(days=number)
            got = (moved.isoformat(), 820.0) if goal else (None, None)
            row = (f"{batch}-{number}", batch, step, "冶炼废渣", permit, source, goal, carrier)
            yield (*row, moved.isoformat(), 820.0, *got, "制砖" if number == 2 else "")
        month = first_of_month(month, 1)
