"""What a data home looks like now, as data; printing it is the command line's business."""

from typing import Any

import duckdb

from sources.contracts import load_contracts
from warehouse.home import Home
from warehouse.lake import submissions
from warehouse.publish import current_manifest


def summary(home: Home) -> dict[str, Any]:
    """Last publication, submissions by department, files still waiting in landing."""
    home.require()
    manifest = current_manifest(home)
    committed = submissions(home)
    departments = []
    for code, department in load_contracts().departments.items():
        of_department = [s for s in committed if s.department == code]
        departments.append(
            {
                "department": code,
                "name_zh": department.name_zh,
                "submissions": len(of_department),
                "rows_accepted": sum(s.rows_accepted for s in of_department),
                "rows_rejected": sum(s.rows_rejected for s in of_department),
                "refused": sum(1 for s in of_department if s.status == "refused"),
                "last_received_at": of_department[-1].received_at if of_department else None,
            }
        )
    return {
        "home": str(home.root),
        "database": str(home.database) if manifest else None,
        "publication": {
            key: manifest[key] for key in ("stamp", "built_at", "software_version", "as_of", "year")
        }
        if manifest
        else None,
        "departments": departments,
    }


def indicators(home: Home) -> list[dict[str, Any]]:
    """The plans' indicators as they are published; targets of their running text have no nature."""
    with duckdb.connect(str(home.database), read_only=True) as connection:
        relation = connection.sql(
            "select * from marts.indicator_progress where nature is not null order by indicator_id"
        )
        columns = relation.columns
        return [dict(zip(columns, row, strict=True)) for row in relation.fetchall()]
