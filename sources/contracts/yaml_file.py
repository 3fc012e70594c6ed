"""YAML files that people write, as plain data with the line of every value.

Only reading a file, validating its data with pydantic and naming the lines of what is wrong
belong here; what the data mean is their readers' business.
"""

from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)
Location = tuple[Any, ...]
"""The keys and list positions that lead from the top of a file to a value."""

TODO = "TODO"
"""A value that is still to be filled in, as in the files that `eco new` writes."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def validation_problems(error: ValidationError) -> Iterator[tuple[Location, str]]:
    """Yield location and message of each problem, the value that was given included."""
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"])
        message = problem["msg"].removeprefix("Value error, ")
        given = problem["input"]
        shown = f" (given: {given!r})" if isinstance(given, str | int | float) else ""
        yield problem["loc"], f"{name}: {message}{shown}" if name else f"{message}{shown}"


class YamlFile:
    """A YAML file as plain data (`data`), and what is wrong with it (`problems`).

    Each problem is a line `file:line: message`. A file that is no YAML, no UTF-8, holds a key
    twice in one mapping or a value TODO has a problem from the start.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self.data: Any = None
        self._lines: dict[Location, int] = {}
        self._mappings: dict[Location, int] = {}
        self._open: set[int] = set()
        try:
            loader = _Loader(path.read_text(encoding="utf-8"))
            try:
                root = loader.get_single_node()
                self.data = self._value(loader, root, ()) if root else None
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self._not_valid(mark.line + 1 if mark else 1, str(error.problem))
        except yaml.YAMLError as error:  # control characters
            self._not_valid(1, " ".join(str(error).split()))
        except UnicodeDecodeError as error:
            self.problems.append(f"{path}:1: not UTF-8 text: {error}")
        except OSError as error:
            self.problems.append(f"{path}:1: cannot be read: {error.strerror}")

    def _not_valid(self, line: int, message: str) -> None:
        self.problems.append(f"{self.path}:{line}: not valid YAML: {message}")

    def _value(self, loader: Any, node: yaml.Node, at: Location) -> Any:
        self._lines[at] = node.start_mark.line + 1
        if id(node) in self._open:
            self._not_valid(self._lines[at], "a value that holds itself")
            return None
        self._open.add(id(node))
        try:
            return self._content(loader, node, at)
        finally:
            self._open.remove(id(node))

    def _content(self, loader: Any, node: yaml.Node, at: Location) -> Any:
        if isinstance(node, yaml.MappingNode):
            self._mappings[at] = self._lines[at]
            result: dict[Any, Any] = {}
            for key_node, value_node in node.value:
                key = loader.construct_object(key_node, deep=True)
                line = key_node.start_mark.line + 1
                if not isinstance(key, Hashable):
                    self._not_valid(line, "a list or a mapping is no key")
                    continue
                if key in result:
                    self._not_valid(line, f"'{key}' stands here twice")
                result[key] = self._value(loader, value_node, (*at, key))
                self._lines[(*at, key)] = line
            return result
        if isinstance(node, yaml.SequenceNode):
            return [self._value(loader, item, (*at, i)) for i, item in enumerate(node.value)]
        value = loader.construct_object(node, deep=True)
        if value == TODO:
            name = next((part for part in reversed(at) if isinstance(part, str)), "")
            self.problems.append(f"{self.path}:{self._lines[at]}: fill in '{name}'")
        return value

    def line(self, at: Location) -> int:
        """Return the line of a value: of its key, or of what is nearest above it."""
        return _nearest(self._lines, at)

    def mapping_line(self, at: Location) -> int:
        """Return the first line of the innermost mapping that holds a value."""
        return _nearest(self._mappings, at)

    def complain(self, at: Location, message: str) -> None:
        """Note what is wrong with the value at `at`."""
        self.problems.append(f"{self.path}:{self.line(at)}: {message}")

    def parse(
        self, model: type[T], data: Any, at: Location = (), *, mapping_lines: bool = False
    ) -> T | None:
        """Return `data`, which lies at `at`, as `model`; None when it does not fit.

        What does not fit is noted with the line of the value or, with `mapping_lines`, of the
        mapping that holds it.
        """
        try:
            return model.model_validate(data)
        except ValidationError as error:
            line = self.mapping_line if mapping_lines else self.line
            for where, message in validation_problems(error):
                self.problems.append(f"{self.path}:{line((*at, *where))}: {message}")
            return None


def _nearest(lines: dict[Location, int], at: Location) -> int:
    while at not in lines and at:
        at = at[:-1]
    return lines.get(at, 1)
