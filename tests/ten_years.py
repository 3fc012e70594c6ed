"""A published file as it may look after ten years: made from a loaded one, every indicator filled.

For the tests and the benchmark of the report. The figures mean nothing; names and texts hold what
a page must not take for markup.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from sources.contracts import load_contracts

YEARS = range(2020, 2030)
TOWNSHIPS = load_contracts().areas.townships
FILES_PER_VALUE = 3
ROWS_PER_FILE = 12
FIRST_DAY, LAST_DAY = "2016-01-01", "2026-11-20"
HOSTILE = '</script><img src="http://example.invalid/x" onerror="boom()">&amp;\u2028'


def make(source: Path, target: Path) -> Path:
    """Copy the published file `source` to `target` and fill it; return `target`."""
    shutil.copyfile(source, target)
    first, last = YEARS[0], YEARS[-1]
    with duckdb.connect(str(target)) as connection:
        run = connection.execute
        run("create temp table y as select unnest(range(?, ?)) as year", [first, last + 1])
        run(
            "update marts.indicator_progress set target_in_force = coalesce(target_in_force, 90),"
            "starting_value = coalesce(starting_value, 70), latest_year = 2025, latest_value = 85,"
            "milestone_value = 86, progress_pct = 80.5, is_flagged = (hash(indicator_id) % 5 = 0)"
        )
        run(
            "create temp table s as "
            "select status, status_zh, position from marts.indicator_statuses"
        )
        run(
            "update marts.indicator_progress as p set status = s.status, status_zh = s.status_zh "
            "from s where s.position = 1 + hash(p.indicator_id) % 6"
        )
        run(
            "update marts.indicator_statuses as t set "
            "indicators = (select count(*) from marts.indicator_progress as p "
            "where p.status = t.status and nature is not null), "
            "text_targets = (select count(*) from marts.indicator_progress as p "
            "where p.status = t.status and nature is null)"
        )
        run(
            "update marts.indicator_progress set name_zh = name_zh || ? "
            "where indicator_id = (select min(indicator_id) from marts.indicator_progress)",
            [HOSTILE],
        )
        run("delete from marts.indicator_values")
        run(f"""
            insert into marts.indicator_values by name
            select indicator_id, name_zh, year, area, unit, 'computed' as basis,
              70 + 2.137 * (year - {first}) + hash(indicator_id || year || area) % 100 / 25.0
                as value,
              hash(indicator_id || year) % 7 = 0 as is_flagged
            from marts.indicator_progress cross join y
            cross join (
              select '全县' as area union all select unnest({list(TOWNSHIPS)})
            )""")
        run("delete from marts.township_indicators")
        run("""
            insert into marts.township_indicators by name
            select indicator_id, name_zh, year, area, true as is_township, value,
              avg(value) over (partition by indicator_id, year) as county_value,
              rank() over (partition by indicator_id, year order by value desc) as best_rank
            from marts.indicator_values where area <> '全县'""")
        run(
            "insert into marts.publication_changes by name "
            "select 'indicator_progress' as table_name, 'value_changed' as change, "
            "indicator_id as subject, indicator_id, 'status_zh' as column_name, "
            "'正常推进' as old_value, status_zh as new_value from marts.indicator_progress "
            "where status = 'regressed' and nature is not null"
        )
        run(
            "update marts.key_projects set lateness = 'stopped', lateness_zh = '停工' "
            "where hash(project_id) % 6 = 0"
        )
        run(
            "update marts.indicator_annual set value = 70 + 2.137 * (year - 2020), "
            "milestone_value = 70 + 4 * (year - 2020), progress_pct = 20 * (year - 2020)"
        )
        run(
            """
            insert into marts.findings by name
            select md5(indicator_id) as finding_id, 'verify' as severity, 'lasting' as state,
              'synthetic' as rule,
              '合成' as rule_zh, indicator_id as subject, indicator_id as indicator_ids,
              2025 as year, '1' as expected, '2' as observed, '说明 ' || ? as detail_zh
            from marts.indicator_progress""",
            [HOSTILE],
        )
        run("delete from marts.indicator_lineage")
        run(f"""
            insert into marts.indicator_lineage by name
            select indicator_id, year, '全县' as area, 'dataset' as dataset,
              s.submission_id, s.file_name, s.sheet, s.department, s.received_at,
              2 + n + n // 6 as row_number, row_number as last_row, 1 as row_count
            from marts.indicator_progress cross join y
            cross join (
              select * from marts.submissions order by submission_id limit {FILES_PER_VALUE}
            ) as s
            cross join range({ROWS_PER_FILE}) as r(n)""")
        _alerts(run)
        _supervision(run)
    return target


def _alerts(run: Callable[..., Any]) -> None:
    """Ten years of judged days of stations, sections, works, submissions; a fourth alerts."""
    run("delete from marts.alerts_daily")
    run(
        f"""
        insert into marts.alerts_daily by name
        select
          md5(kind || object || day) as alert_id, day, kind, kind_zh, domain,
          department, '部门' || department as department_zh, object, cast(day as varchar) as period,
          hash(kind || object || day) % 4 = 0 as is_alert,
          hash(kind || object || day) % 20 = 0 as is_serious,
          '要求' as expected_zh, '实际' as observed_zh,
          case when is_alert then '项目甲; 项目乙' end as exceeded_items,
          case when is_alert then '项目甲 12 μg/m³（超0.5倍）; 项目乙 9' || ? end as exceeded_zh,
          hash(kind || object || day) % 300 as magnitude,
          false as is_open, false as is_flagged
        from (
          select unnest(range(date '{FIRST_DAY}', date '{LAST_DAY}' + 1, interval 1 day)) as moment
        ) as moments
        cross join lateral (select cast(moment as date) as day) as days
        cross join (values
          ('air_county', '全县环境空气', 'air', 'ecology', '全县', 1),
          ('air_station', '站点环境空气', 'air', 'ecology', '甲站', 1),
          ('air_station', '站点环境空气', 'air', 'ecology', '乙站', 1),
          ('air_station', '站点环境空气', 'air', 'ecology', '丙站', 1),
          ('water_section', '地表水断面', 'water', 'ecology', '断面一', 1),
          ('water_section', '地表水断面', 'water', 'ecology', '断面二', 7),
          ('plant_effluent', '污水处理厂出水', 'water', 'housing', '一厂', 28),
          ('overdue', '数据逾期', 'water', 'housing', '月报', 28),
          ('ledger_overdue', '台账逾期', 'water', 'ecology', '事项', 2),
          ('visit_missed', '未按期检查', 'water', 'water_affairs', '河段', 5)
        ) as o(kind, kind_zh, domain, department, object, every)
        where epoch(day) // 86400 % every = 0""",
        [HOSTILE],
    )
    for mart, period, label in (
        ("weekly", "week", "strftime(period_start, '%G-W%V')"),
        ("monthly", "month", "period_start"),
    ):
        run(f"delete from marts.alerts_{mart}")
        run(f"""
            insert into marts.alerts_{mart} by name
            select
              cast(date_trunc('{period}', day) as date) as period_start, {label} as {period},
              cast(period_start + interval 1 {period} as date) - 1 as period_end,
              kind, any_value(kind_zh) as kind_zh,
              department, any_value(department_zh) as department_zh, object,
              count(*) as judged, count(*) filter (where is_alert) as alerts,
              count(*) filter (where is_serious) as serious_alerts
            from marts.alerts_daily group by all""")


# Rows of each mart of supervision, and expressions over their number n that differ from "空".
SUPERVISION: dict[str, tuple[int, dict[str, str]]] = {
    "ledger_items": (
        20_000,
        {
            "item_id": "'事项' || n",
            "ledger": "'台账' || n % 12",
            "object": "'单位' || n % 300 || '</script><b>'",
            "responsible_unit": "'乡镇部门' || n % 25",
            "status": "(['overdue', 'open', 'closed'])[1 + n % 3]",
            "status_zh": "(['逾期未完成', '整改中', '已销号'])[1 + n % 3]",
            "opened_at": "moment",
            "closed_on": "case when n % 3 = 2 then day end",
            "days_overdue": "n % 90",
        },
    ),
    "fixed_sources": (
        500,
        {
            "permit_number": "'91140522MA0ABCDE1X' || lpad(n::varchar, 4, '0')",
            "is_current": "true",
            "permit_state": "(['valid', 'expired'])[1 + n % 2]",
            "permit_state_zh": "(['有效', '到期未延续'])[1 + n % 2]",
        },
    ),
    "register_entries": (
        6_000,
        {
            "entry_id": "'登记' || n",
            "register": "'key_units'",
            "register_zh": "'名录' || n % 15",
            "object": "'对象' || n",
            "state": "'current'",
            "is_current": "true",
            "version_from": "day",
        },
    ),
    "exceedances": (
        8_000,
        {"alert_id": "md5(n::varchar)", "object": "'排口' || n % 60", "day": "day"},
    ),
    "reading_periods": (
        30_000,
        {
            "object": "'点位' || n % 250",
            "period": "'month'",
            "period_start": "cast(date_trunc('month', day) as date)",
            "status_zh": "'达标'",
        },
    ),
    "quota_balances": (
        6_000,
        {
            "control_item": "'氮氧化物'",
            "object": "'单位' || n % 400",
            "year": "2020 + n % 7",
            "status_zh": "'未超'",
            "parts_status": "case when n % 50 = 0 then 'adds_up' end",
        },
    ),
    "movement_chains": (
        40_000,
        {
            "movement_id": "'联单' || n",
            "sent_at": "moment",
            "from_place": "'产废单位' || n % 90",
            "status": "'received'",
            "status_zh": "'已接收'",
            "chain_status": "'closed'",
        },
    ),
    "movement_balances": (3_000, {"holder": "'单位' || n % 300", "period_start": "day"}),
    "visit_coverage": (
        3_000,
        {"visit_kind": "'检查' || n % 15", "object": "'对象' || n", "status_zh": "'已覆盖'"},
    ),
    "scores": (
        5_000,
        {"scheme": "'考核' || n % 6", "year": "2020 + n % 7", "subject": "'乡镇' || n % 15"},
    ),
}
# Values of the other columns by type.
USUAL = {
    "VARCHAR": "'内容' || n % 20",
    "DOUBLE": "n % 1000 / 7.0",
    "BIGINT": "n % 100",
    "BOOLEAN": "n % 9 = 0",
    "DATE": "day",
    "TIMESTAMP": "moment",
}


def _supervision(run: Callable[..., Any]) -> None:
    """Ten years of supervision: no column is empty but those that say so."""
    for mart, (rows, given) in SUPERVISION.items():
        columns = run(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name = 'marts' and table_name = ?",
            [mart],
        ).fetchall()
        values = [
            f'{given.get(name, USUAL[data_type.split(" ")[0]])} as "{name}"'
            for name, data_type in columns
        ]
        run(f"delete from marts.{mart}")
        run(
            f"insert into marts.{mart} by name select {', '.join(values)} from ("
            f"select n, cast(day as date) as day, cast(day as timestamp) as moment from ("
            f"select range as n, date '{LAST_DAY}' - cast(range % 3650 as integer) as day "
            f"from range({rows})))"
        )
