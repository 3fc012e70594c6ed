"""What the departments deliver for supervision (supervision.yml): permits, ledgers, lists."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import polars as pl
import yaml

from orchestration.demo.county import County, Table, first_of_month

_ROWS = Path(__file__).with_name("supervision.yml")
_PLACE = re.compile(r"\{(y|m)?([+-]\d+)?\}")


def supervision_tables(county: County) -> Iterator[Table]:
    """Yield the tables of supervision of a county."""

    def filled(place: re.Match[str]) -> str:
        kind, shift = place[1], int(place[2] or 0)
        if kind == "y":
            return str(county.last_year + shift)
        if kind == "m":
            return f"{first_of_month(county.day, shift):%Y-%m}"
        return str(county.day + timedelta(days=shift))

    for each in yaml.safe_load(_ROWS.read_text(encoding="utf-8")):
        text = _PLACE.sub(filled, each["rows"])
        rows = pl.read_csv(StringIO(text), infer_schema=False)
        yield Table(each["dataset"], each["department"], rows)
