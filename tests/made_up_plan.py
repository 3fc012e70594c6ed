"""A made-up county with a plan of its own: the tables that its data home's folder `plan` holds."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from sources.contracts.plan import product_table

COUNTY = "云溪县"
DEPARTMENTS = {
    "ecology": "云溪县生态环境分局",
    "housing": "住房和城乡建设管理局",
    "forestry": "林业和草原局",
}
TOWNSHIPS = ("云峰镇", "石桥镇", "柳林乡")
# The plan's number of this indicator, where the product's has another.
INDICATOR, BASELINE, TARGET = "A15", 88.0, 97.5


def write(folder: Path) -> None:
    """Write the plan: its county, areas, departments, and the product's indicators with changes."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "county.csv", ["name_zh,city_zh,province_zh,identifier", f"{COUNTY},,,yunxi"])
    areas = ["area,kind,aliases", "全县,county,", "县城,county_seat,城区"]
    _write(folder / "areas.csv", [*areas, *(f"{name},township," for name in TOWNSHIPS)])
    rows = [row for _, row in product_table("contract_departments").rows]
    names = {row["department"]: row["name_zh"] for row in rows} | DEPARTMENTS
    _write(
        folder / "departments.csv",
        ["department,name_zh", *(f"{code},{name}" for code, name in names.items())],
    )

    def changed(row: dict[str, str]) -> Mapping[str, str]:
        if row["indicator_id"] != INDICATOR:
            return row
        printed = {"baseline_2020_raw": f"{BASELINE:g}%", "target_2025_raw": f"{TARGET:g}%"}
        return {**row, **printed, "baseline_2020": str(BASELINE), "target_2025": str(TARGET)}

    copy_table("indicators", folder, changed)


def copy_table(
    name: str, folder: Path, change: Callable[[dict[str, str]], Mapping[str, str] | None]
) -> None:
    """Write a table of the product with its rows changed; None leaves a row out."""
    table = product_table(name)
    with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, table.columns)
        writer.writeheader()
        writer.writerows(row for _, old in table.rows if (row := change(dict(old))) is not None)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
