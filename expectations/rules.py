"""Reads the table of rules: seed `rules` of the dbt project, one row for each check.

A row says how strictly its rule is meant (severity, bounds), why and since when. The row of a
finding rule also has its suite and texts: nothing else about it is declared. dbt reads the same
file, so that the number which makes a finding is the number which its check names.
"""

import csv
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from sources.contracts.rule_bounds import RULES
from sources.contracts.yaml_file import validation_problems

__all__ = ["RULES", "Rule", "read_rules"]

# 强制性: must not be published; 核实性: to be looked at or explained; 提示性: to know.
Severity = Literal["critical", "verify", "notice"]
# What the failure of a critical rule stops: the whole publication (also where nothing is said), or
# the submissions that its failing rows were made from.
Blocks = Literal["publication", "submissions"]

NAME = r"^[a-z][a-z0-9_]*$"


def _number(text: str | None) -> int | float | None:
    """Return a cell as a number; a whole number stays one, because texts print it."""
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        raise ValueError("write a number, or nothing") from None
    if not math.isfinite(number):
        raise ValueError("write a finite number, or nothing")
    return number


class Rule(BaseModel):
    """A row of the table of rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = Field(pattern=NAME)
    suite: str | None
    title_zh: str | None
    description_zh: str | None
    severity: Severity
    lower: Annotated[Any, BeforeValidator(_number)]
    upper: Annotated[Any, BeforeValidator(_number)]
    unit: str | None
    reason: str = Field(min_length=10)
    decided_on: date
    blocks: Blocks | None = None
    line: int

    @model_validator(mode="after")
    def _all_or_none(self) -> "Rule":
        texts = [self.suite, self.title_zh, self.description_zh]
        if any(texts) and not all(texts):
            raise ValueError(
                "a finding rule needs suite, title_zh and description_zh; the check of a suite none"
            )
        return self

    @property
    def holds_submissions(self) -> bool:
        """Whether its failure sets submissions aside, and not the whole publication."""
        return self.blocks == "submissions"

    @property
    def makes_findings(self) -> bool:
        """Whether dbt works out its findings; else it is the rule of a check of a suite."""
        return self.suite is not None

    @property
    def bounds(self) -> dict[str, int | float]:
        """What fills {lower} and {upper}."""
        given = {"lower": self.lower, "upper": self.upper}
        return {name: value for name, value in given.items() if value is not None}


COLUMNS = [name for name in Rule.model_fields if name != "line"]
_REQUIRED = [name for name in COLUMNS if name != "blocks"]


def read_rules(path: Path, problems: list[str]) -> dict[str, Rule]:
    """Return the rules of a table by their names; what is wrong goes to `problems`."""
    found: dict[str, Rule] = {}
    for line, row in _rows(path, problems):
        try:
            rule = Rule.model_validate({**row, "line": line})
        except ValidationError as error:
            problems += [f"{path}:{line}: {text}" for _, text in validation_problems(error)]
            continue
        if rule.rule in found:
            problems.append(f"{path}:{line}: '{rule.rule}' stands here twice")
        found[rule.rule] = rule
    return found


def _rows(path: Path, problems: list[str]) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Yield line and cells of each row that has all cells; an empty cell is None."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        names = next(rows, [])
        if names not in (COLUMNS, _REQUIRED):
            problems.append(f"{path}:1: the columns must be {','.join(COLUMNS)}")
            return
        for cells in rows:
            if len(cells) == len(names):
                row = {name: cell or None for name, cell in zip(names, cells, strict=True)}
                yield rows.line_num, row
            else:
                problems.append(
                    f"{path}:{rows.line_num}: {len(cells)} cells instead of {len(names)}; a text "
                    "with commas goes between double quotes"
                )
