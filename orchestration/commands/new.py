"""Commands that write a file to fill in: `eco new dataset`.

The keys of the file, their descriptions, choices and examples come from the contract model: a key
added there appears in the next file.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import click

if TYPE_CHECKING:
    from pydantic import BaseModel

# Keys that the file leaves to be filled in; all others of the model follow as comments.
_DATASET: Mapping[str, Any] = {
    "title_zh": "TODO",
    "domain": "TODO",
    "grain": "TODO",
    "kind": "TODO",
    "departments_allowed": ["TODO"],
    "cadence": "TODO",
    "due_days_after_period": "TODO",
}
_VALUE: Mapping[str, Any] = {"field": "TODO", "title_zh": "TODO", "type": "float", "unit": "TODO"}
_KEY = (
    "  - field: year",
    "    title_zh: 年份",
    "    type: year",
    "    key: true",
    "    required: true",
    "    aliases: [年度]",
)
_NEXT = """\
Next:
  1. replace every TODO in it; keep, change or add fields
  2. eco check               what is still wrong, with file and line
  3. make generate           dbt source, staging model, names and code tables follow
  4. eco templates --out DIR the spreadsheet that departments fill in
  5. put a file into landing/<department>/ of a data home and run: eco ingest
A mart or an indicator made from it: CONTRIBUTING.md"""


@click.group(short_help="Write a file to fill in: a dataset's contract.")
def new() -> None:
    """Write a file to fill in."""


@new.command(short_help="Write the contract file of a dataset.")
@click.argument("name")
def dataset(name: str) -> None:
    """Write the contract file of the dataset NAME (in English, such as rural_sewage)."""
    from sources.contracts.loader import HERE

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise click.UsageError(f"'{name}': use lower-case letters, digits and _, as rural_sewage")
    path = HERE / "datasets" / f"{name}.yml"
    if path.exists():
        raise click.UsageError(f"the dataset '{name}' is declared already: {path}")
    path.write_text(contract_text(name), encoding="utf-8")
    click.echo(f"{path} is written.\n{_NEXT}")


def contract_text(name: str) -> str:
    """Return a contract file that loads once each TODO is replaced by a valid value."""
    from sources.contracts.model import Contract, Field

    lines = [
        f"# The dataset {name}. Replace every TODO, then run: eco check",
        "# Keys that are commented out are optional.",
    ]
    for comment, entry in _entries(Contract, {"dataset": name, **_DATASET}):
        lines += [*_comment(comment, ""), entry]
    lines += ["fields:", *_KEY]
    for number, (comment, entry) in enumerate(_entries(Field, _VALUE)):
        lines += [*_comment(comment, "    "), f"{'    ' if number else '  - '}{entry}"]
    return "\n".join(lines) + "\n"


def _entries(model: type["BaseModel"], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each key of a model as (description with choices, line of YAML).

    A key without a value is a comment that shows an example or its default.
    """
    for key, info in model.model_fields.items():
        if key == "fields":
            continue
        choices = get_args(info.annotation) if get_origin(info.annotation) is Literal else ()
        comment = " ".join((info.description or key).split())
        if choices:
            comment += f" One of: {', '.join(choices)}."
        if key in values:
            yield comment, f"{key}: {_flow(values[key])}"
        else:
            shown = info.examples[0] if info.examples else info.default
            yield comment, f"# {key}: {_flow(shown)}"


def _comment(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, 96, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")


def _flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    import yaml

    text = yaml.safe_dump([value], allow_unicode=True, default_flow_style=True, width=10_000)
    return text.strip()[1:-1]
