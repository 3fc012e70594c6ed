"""The SQL of models and tests for either engine, rendered without dbt and without a database.

Jinja renders the project's own templates with the few names that they use of dbt's context;
`adapter.dispatch` chooses the macros of the given engine, for which dbt itself would need its
adapter. What dbt adds (materialisations, hooks) is not rendered.

Comments in the rendered text mark the file and line that each part comes from (`Rendered.place`).
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2

from orchestration.dbt_build.runner import DBT_PROJECT
from sources.contracts.yaml_file import YamlFile

# Before what a line begins with, and around what a macro gives.
_LINE_MARK, _MACRO_BEGINS, _MACRO_ENDS = "/*@{file}:{line}*/", "/*@(*/", "/*@)*/"
_MARKS = re.compile(r"/\*@(?:(?P<bracket>[()])|(?P<file>[^*:]+):(?P<line>\d+))\*/")
# `{% test x(...) %}` becomes a macro as in dbt, a materialisation is left out.
_OPENING = re.compile(r"(\{%-?\s*)(macro|test)\s+(\w+)")
_CLOSING_TEST = re.compile(r"(\{%-?\s*)endtest(\s*-?%\})")
_MATERIALISATION = re.compile(
    r"\{%-?\s*materialization\b.*?\{%-?\s*endmaterialization\s*-?%\}", re.DOTALL
)
_PREFIX = "macro__"


class RenderError(Exception):
    """A template that cannot be rendered; the message names its file."""


class _Returned(Exception):
    """The way by which a macro's `return` hands a value to its caller."""

    def __init__(self, value: Any) -> None:
        self.value = value


@dataclass(frozen=True)
class Rendered:
    """The SQL of one model, or of one use of a generic test.

    `file` is what it was rendered for, relative to the project, `columns` those that the model's
    yml declares; `sql` has marks in its comments.
    """

    name: str
    file: str
    sql: str
    columns: tuple[str, ...] = ()

    @cached_property
    def _places(self) -> tuple[list[int], list[tuple[str, int]]]:
        """The offsets from which on the text comes from a place, and these places."""
        starts, places = [0], [(self.file, 1)]
        outer = []
        for mark in _MARKS.finditer(self.sql):
            if mark["bracket"] == "(":
                outer.append(places[-1])
                continue
            starts.append(mark.end())
            places.append(outer.pop() if mark["bracket"] else (mark["file"], int(mark["line"])))
        return starts, places

    def place(self, offset: int) -> tuple[str, int]:
        """Return file, relative to the project, and line of the text at an offset of `sql`."""
        starts, places = self._places
        return places[bisect_right(starts, offset) - 1]


class Renderer:
    """The templates of a dbt project for one engine, as `adapter.dispatch` names it."""

    def __init__(self, engine: str, project: Path = DBT_PROJECT) -> None:
        self.project = project
        self._prefixes = (f"{engine}__", "default__")
        self._macros: dict[str, Any] = {}
        self._current = SimpleNamespace(name="", columns={})
        self._formulas: dict[str, Any] = {}
        self._environment = jinja2.Environment(
            extensions=["jinja2.ext.do"], keep_trailing_newline=True
        )
        self._environment.globals.update(self._context())
        self._read_macros()

    # ---- dbt's context

    def _context(self) -> dict[str, Any]:
        variables = self._yaml(self.project / "dbt_project.yml")["vars"]
        return {
            "adapter": SimpleNamespace(dispatch=self._dispatch, quote=lambda name: f'"{name}"'),
            "builtins": {},
            "config": self._config,
            "exceptions": SimpleNamespace(raise_compiler_error=_fail),
            "execute": True,
            "graph": SimpleNamespace(sources=self._sources, nodes=self._nodes()),
            "model": self._current,
            "modules": SimpleNamespace(re=re),
            "ref": lambda name: name,
            "return": _return,
            "source": lambda source, table: f"{source}.{table}",
            "var": lambda name: variables[name],
        }

    def _config(self, **settings: Any) -> str:
        self._formulas.update(settings.get("meta", {}).get("formulas", {}))
        return ""

    def _dispatch(self, name: str) -> Callable[..., Any]:
        for prefix in self._prefixes:
            if prefix + name in self._macros:
                return self._callable(prefix + name)
        raise RenderError(f"no macro {' or '.join(p + name for p in self._prefixes)}")

    def _nodes(self) -> Mapping[str, Any]:
        """Return the only node that models ask for: one with all formulas declared so far."""
        meta = {"formulas": self._formulas}
        return {"model": SimpleNamespace(config=SimpleNamespace(meta=meta))}

    @cached_property
    def _sources(self) -> Mapping[str, Any]:
        return {
            f"{source['name']}.{table['name']}": SimpleNamespace(
                source_name=source["name"],
                name=table["name"],
                columns=_columns(table),
                config=_config(table),
            )
            for path in sorted((self.project / "models").rglob("*.yml"))
            for source in self._yaml(path).get("sources", ())
            for table in source["tables"]
        }

    # ---- templates

    @staticmethod
    def _yaml(path: Path) -> dict[str, Any]:
        file = YamlFile(path)
        if file.problems:
            raise RenderError(file.problems[0])
        return file.data or {}

    def _read_macros(self) -> None:
        folders = (self.project / "macros", self.project / "tests" / "generic")
        for folder in folders:
            for path in sorted(folder.glob("*.sql")):
                text = path.read_text(encoding="utf-8")
                for _, kind, name in _OPENING.findall(text):
                    name = f"test_{name}" if kind == "test" else name
                    self._macros[name] = None
                    self._environment.globals[name] = self._callable(name)
        for folder in folders:
            for path in sorted(folder.glob("*.sql")):
                self._add_macros(path)

    def _add_macros(self, path: Path) -> None:
        text = _MATERIALISATION.sub(_blank, path.read_text(encoding="utf-8"))
        text = _CLOSING_TEST.sub(r"\1endmacro\2", text)
        text = _OPENING.sub(
            lambda m: f"{m[1]}macro {_PREFIX}{'test_' if m[2] == 'test' else ''}{m[3]}", text
        )
        module = self._template(path, text).module
        for name in self._macros:
            if found := getattr(module, _PREFIX + name, None):
                self._macros[name] = found

    def _callable(self, name: str) -> Callable[..., Any]:
        """Return what templates call: the macro, or the value that it returns."""

        def call(*arguments: Any, **named: Any) -> Any:
            try:
                return _MACRO_BEGINS + self._macros[name](*arguments, **named) + _MACRO_ENDS
            except _Returned as returned:
                return returned.value

        return call

    def _template(self, path: Path, text: str) -> jinja2.Template:
        try:
            return self._environment.from_string(self._marked(path, text))
        except jinja2.TemplateSyntaxError as error:
            raise RenderError(f"{path}:{error.lineno}: {error.message}") from error

    def _marked(self, path: Path, text: str) -> str:
        """Put a mark before each line that begins with SQL or with a Jinja expression."""
        file, parts, fresh = path.relative_to(self.project).as_posix(), [], True
        for line, kind, token in self._environment.lex(text):
            if kind != "data":
                if kind == "variable_begin" and fresh:
                    parts.append(_LINE_MARK.format(file=file, line=line))
                parts.append(token)
                fresh = "\n" in token  # an end that trims takes the line's end along
                continue
            rows = token.split("\n")
            for i, row in enumerate(rows):
                begun = i > 0 or fresh
                if begun and row.strip():
                    bare = row.lstrip()
                    row = row[: -len(bare)] + _LINE_MARK.format(file=file, line=line + i) + bare
                parts.append(row + ("\n" if i < len(rows) - 1 else ""))
            fresh = not rows[-1].strip() and (len(rows) > 1 or fresh)
        return "".join(parts)

    # ---- what is rendered

    def _render(self, name: str, path: Path, render: Callable[[], str]) -> Rendered:
        file = path.relative_to(self.project).as_posix()
        try:
            return Rendered(name, file, render(), tuple(self._current.columns))
        except (jinja2.TemplateError, TypeError, KeyError) as error:
            raise RenderError(f"{path}:1: {name} cannot be rendered: {error}") from error

    def models(self) -> Iterator[Rendered]:
        """Yield the SQL of every model. Raises RenderError."""
        folder = self.project / "models"
        declared = {
            model["name"]: model
            for path in sorted(folder.rglob("*.yml"))
            for model in self._yaml(path).get("models") or ()
        }
        for path in sorted(folder.rglob("*.sql")):
            self._current.name = path.stem
            self._current.columns = _columns(declared.get(path.stem, {}))
            template = self._template(path, path.read_text(encoding="utf-8"))
            yield self._render(path.stem, path, template.render)

    def tests(self) -> Iterator[Rendered]:
        """Yield the SQL of each use of a generic test of the project. Raises RenderError."""
        for folder in ("models", "seeds"):
            for path in sorted((self.project / folder).rglob("*.yml")):
                for node in self._yaml(path).get(folder) or ():
                    for test in node.get("data_tests") or ():
                        yield from self._test(path, node["name"], test)

    def _test(self, path: Path, table: str, test: Any) -> Iterator[Rendered]:
        [(name, given)] = test.items() if isinstance(test, dict) else [(test, {})]
        if f"test_{name}" in self._macros:
            arguments = (given or {}).get("arguments", {})
            call = self._callable(f"test_{name}")
            yield self._render(f"{name} of {table}", path, lambda: call(table, **arguments))


def _config(declared: Mapping[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(meta=(declared.get("config") or {}).get("meta") or {})


def _columns(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column["name"]: SimpleNamespace(
            name=column["name"],
            data_type=column.get("data_type"),
            config=_config(column),
        )
        for column in node.get("columns") or ()
    }


def _blank(match: "re.Match[str]") -> str:
    return "\n" * match[0].count("\n")


def _return(value: Any) -> None:
    raise _Returned(value)


def _fail(message: str) -> None:
    raise RenderError(message)
