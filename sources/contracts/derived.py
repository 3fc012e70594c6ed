"""Files generated from the contracts: dbt sources, staging models and code tables.

dbt reads files, not Python. Only texts that follow from contracts alone belong here;
`make generate` writes them.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from sources.contracts import archetype_files
from sources.contracts.checked import checked
from sources.contracts.checks import Relation, Term
from sources.contracts.loader import load_contracts
from sources.contracts.model import ROW_COLUMNS, Contract, Contracts, Field

NOTE = "Made from sources/contracts by `make generate`: change the contracts, not this file."

_ROW_COLUMN_DOCS = {  # Chinese title, description
    "submission_id": ("报送编号", "the submission (one table of one file) that delivered the row"),
    "row_number": ("行号", "line of the file, as an editor counts it, on which the row stands"),
    "operation": ("操作", "'upsert', or 'delete' where the department withdraws the key"),
    "missing_kinds": ("缺失原因", "why fields are null, where known: field=kind;field=kind"),
    "censored_fields": ("低于检出限", "fields stored as half the limit: field=text as delivered"),
    "flags": ("提示", "codes of the notices and questions that the row raised at intake"),
    "source_cells": (
        "来源单元格",
        "cells of the sheet, field=D5;field=E5, where values stand elsewhere than on the line "
        "row_number below their header",
    ),
}

# Models whose names begin so are made here.
DERIVED_MODELS = ("stg_", archetype_files.DAYS)


def _yaml(content: Mapping[str, Any]) -> str:
    text = yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False, width=100)
    return f"# {NOTE}\n{text}"


def _csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def field_description(field: Field) -> str:
    """The field in one line: title, unit, range, values."""
    parts = [field.title_zh]
    if field.unit:
        parts.append(f"unit {field.unit}")
    if field.range:
        parts.append(f"range {field.range}")
    if field.values:
        parts.append("one of " + " ".join(field.values))
    return ", ".join(parts)


def _source_column(field: Field) -> dict[str, Any]:
    meta: dict[str, Any] = {"title_zh": field.title_zh, "type": field.type}
    if field.unit:
        meta["unit"] = field.unit
    if field.key:
        meta["key"] = True
    if not field.public:
        meta["public"] = False
    return {
        "name": field.field,
        "description": field_description(field),
        "data_type": field.sql_type,
        "config": {"meta": meta},
    }


def _side(terms: Iterable[Term]) -> list[dict[str, Any]]:
    return [
        {"field": term.field, "optional": True} if term.optional else {"field": term.field}
        for term in terms
    ]


def _relation(relation: Relation) -> dict[str, Any]:
    left, sense, right = relation.sides
    return {
        "id": relation.id,
        "rule": relation.rule,
        "left": _side(left),
        "sense": sense,
        "right": _side(right),
    }


def _checks(contract: Contract) -> dict[str, Any]:
    """Return what is checked of a dataset as its dbt source has it in its meta.

    A check that is not made has no entry; the macro `checked_datasets` asks by these names.
    """
    found = checked(contract)
    amounts = [f.field for f in contract.fields if f.adds_up]
    entries: dict[str, Any] = {
        "periods": found.periods and {"per_year": found.periods},
        "townships": _of_key(found.townships),
        "objects": _of_key(found.objects),
        "revisions": found.revisions
        and {
            "fields": [f.field for f in found.revisions],
            "unit_fields": list(contract.unit_fields),
        },
        "units": found.units and {"fields": [f.field for f in found.units]},
        "area_total": _of_key(found.area_total, fields=amounts),
        "part_total": _of_key(found.part_total, fields=amounts),
        "relations": [_relation(relation) for relation in found.relations],
    }
    return {name: entry for name, entry in entries.items() if entry}


def _of_key(key: Field | None, **more: Any) -> dict[str, Any] | None:
    return {"field": key.field, **more} if key else None


def _source_table(contract: Contract) -> dict[str, Any]:
    meta: dict[str, Any] = {
        "title_zh": contract.title_zh,
        "domain": contract.domain,
        "kind": contract.kind,
        "checks": _checks(contract),
        "dagster": {"asset_key": ["lake", contract.dataset], "group": contract.domain},
    }
    if contract.archetype is not None:
        meta["archetype"] = contract.archetype
        meta["roles"] = {name: role.plain() for name, role in contract.roles.items()}
    if not contract.public:
        meta["public"] = False
    row_columns = [
        {
            "name": name,
            "description": _ROW_COLUMN_DOCS[name][1],
            "data_type": sql_type,
            "config": {"meta": {"title_zh": _ROW_COLUMN_DOCS[name][0]}},
        }
        for name, sql_type in ROW_COLUMNS.items()
    ]
    return {
        "name": contract.dataset,
        "description": f"{contract.grain[0].upper()}{contract.grain[1:]} ({contract.title_zh}), "
        "every version that was ever accepted.",
        "config": {"meta": meta},
        "columns": [*map(_source_column, contract.fields), *row_columns],
    }


def _staging_yml(contract: Contract) -> str:
    owners = [f"team:{department}" for department in contract.departments_allowed]
    model = {
        "name": f"stg_{contract.dataset}",
        "description": f"{contract.grain[0].upper()}{contract.grain[1:]} ({contract.title_zh}): "
        "the latest accepted version of each key.",
        "config": {
            "meta": {
                "title_zh": contract.title_zh,
                "domain": contract.domain,
                "dagster": {"owners": owners},
            }
        },
    }
    return _yaml({"version": 2, "models": [model]})


_DATASETS_BY_CHECK = """\
{{# {note} #}}


{{# Names of the datasets of which each check is made. While dbt parses the project it has to learn
   which models a model reads; the sources' meta, with all that a check needs, is there only when
   it executes (https://docs.getdbt.com/reference/dbt-jinja-functions/graph). #}}
{{% macro datasets_by_check() %}}
  {{{{ return({datasets}) }}}}
{{% endmacro %}}
"""


def _datasets_by_check(contracts: Contracts) -> str:
    datasets: dict[str, list[str]] = {}
    for contract in contracts:
        for name in _checks(contract):
            datasets.setdefault(name, []).append(contract.dataset)
    lists = json.dumps(datasets, indent=4, sort_keys=True).replace("\n}", "\n  }")
    return _DATASETS_BY_CHECK.format(note=NOTE, datasets=lists)


def derived_files(contracts: Contracts) -> dict[Path, str]:
    """Every file that follows from the contracts: its path in the project, its text."""
    dbt = Path("dbt_project")
    lake = {
        "name": "lake",
        "schema": "lake",
        "description": "Accepted rows as the lake holds them: a view over the visible Parquet "
        "files of each dataset, made by warehouse before dbt starts.",
        "tables": [_source_table(contract) for contract in contracts],
    }
    files = {
        dbt / "models/sources/lake.yml": _yaml({"version": 2, "sources": [lake]}),
        dbt / "macros/archetype_declarations.sql": archetype_files.declarations(contracts, NOTE),
    }
    for contract in contracts:
        stem = dbt / f"models/staging/stg_{contract.dataset}"
        files[stem.with_suffix(".sql")] = f"{{{{ latest_rows('{contract.dataset}') }}}}\n"
        files[stem.with_suffix(".yml")] = _staging_yml(contract)
        files |= archetype_files.days_of_readings(contract, _yaml)
    files[dbt / "macros/datasets_by_check.sql"] = _datasets_by_check(contracts)
    seeds = dbt / "seeds/contracts"
    dataset_columns = ["dataset", "title_zh", "domain", "departments_allowed", "cadence"]
    dataset_columns += ["due_days_after_period", "judged_months", "kind", "grain"]
    files[seeds / "contract_datasets.csv"] = _csv(
        dataset_columns,
        (
            [
                c.dataset,
                c.title_zh,
                c.domain,
                ";".join(c.departments_allowed),
                c.cadence,
                c.due_days_after_period,
                c.judged_months,
                c.kind,
                c.grain,
            ]
            for c in contracts
        ),
    )
    files[seeds / "contract_fields.csv"] = _csv(
        ["dataset", "field", "title_zh"],
        ([c.dataset, f.field, f.title_zh] for c in contracts for f in c.fields),
    )
    for name, text in county_seeds(contracts).items():
        files[seeds / f"{name}.csv"] = text
    files[seeds / "contract_units.csv"] = _csv(
        [
            "unit",
            "canonical_unit",
            "dimension",
            "to_canonical_numerator",
            "to_canonical_denominator",
            "aliases",
        ],
        (
            [
                u.unit,
                contracts.units.canonical(u).unit,
                u.dimension,
                u.factor.numerator,
                u.factor.denominator,
                # A spelling of several units is that of the first, so that a text names one row.
                ";".join(a for a in u.aliases if contracts.units.find(a) is u),
            ]
            for u in contracts.units
        ),
    )
    return files


def county_seeds(contracts: Contracts) -> dict[str, str]:
    """Return the texts of the seeds with the county's departments and areas, by their names."""
    return {
        "contract_departments": _csv(
            ["department", "name_zh", "main_domain"],
            ([d.department, d.name_zh, d.main_domain] for d in contracts.departments.values()),
        ),
        "contract_areas": _csv(
            ["area", "kind", "position"],
            ([a.area, a.kind, n] for n, a in enumerate(contracts.areas, start=1)),
        ),
    }


def obsolete_files(project: Path) -> list[Path]:
    """Return derived models below `project` whose dataset is no longer declared."""
    declared = derived_files(load_contracts())
    models = (project / "dbt_project/models").rglob("*.*")
    made = (path.relative_to(project) for path in models if path.name.startswith(DERIVED_MODELS))
    return sorted(path for path in made if path not in declared)
