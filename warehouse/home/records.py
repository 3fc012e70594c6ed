"""Records that are kept as JSON: dataclasses whose keys are declared once, for reading and writing.

Manifests outlive the software that wrote them. An older one may lack keys, which then have their
default; a newer one may have more, which are kept in `extra` and written again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Self

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True, kw_only=True)
class JsonRecord:
    """Base of records whose fields are the keys of a JSON object, in that order.

    `parsers` turn the JSON value of a key into the field's (nested records, tuples); null stays
    None. `omitted_when_none` names the keys that are left out where they have no value: those that
    not all versions of the software wrote. Sequences of a record are tuples: `to_dict` looks for
    nested records in tuples and mappings only, and leaves lists of plain JSON as they are.
    """

    parsers: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    omitted_when_none: ClassVar[frozenset[str]] = frozenset()
    extra: Mapping[str, Json] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the record of a JSON object. Raises ValueError when a required key is missing."""
        values = dict(content)
        for key, parse in cls.parsers.items():
            if (value := values.get(key)) is not None:
                values[key] = parse(value)
        known, required = _keys(cls)
        if len(values) != len(known) or values.keys() != known.keys():
            if missing := required - values.keys():
                raise ValueError(f"it has no {', '.join(sorted(missing))}")
            values["extra"] = {key: values.pop(key) for key in content if key not in known}
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as a JSON object, keys of other versions last."""
        content = {}
        for name in _keys(type(self))[0]:
            value = getattr(self, name)
            if value is not None or name not in self.omitted_when_none:
                content[name] = _plain(value)
        return content | dict(self.extra)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the record of a JSON text (bytes: UTF-8). Raises ValueError when it is not one."""
        # Without this, json detects the encoding of bytes, in a tenth of the time of parsing.
        content = json.loads(text.decode() if isinstance(text, bytes) else text)
        if not isinstance(content, dict):
            raise ValueError("it is not a JSON object")
        return cls.from_dict(content)

    def to_json(self) -> str:
        """Return the text of a file that holds this record alone."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1, default=str) + "\n"


def tuple_of(record: type[JsonRecord]) -> Callable[[Iterable[Any]], tuple[Any, ...]]:
    """Return the parser of an array of such records."""
    return lambda values: tuple(map(record.from_dict, values))


def mapping_of(record: type[JsonRecord]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return the parser of an object whose values are such records."""
    return lambda values: {key: record.from_dict(value) for key, value in values.items()}


_KEYS: dict[type[JsonRecord], tuple[dict[str, None], frozenset[str]]] = {}


def _keys(record: type[JsonRecord]) -> tuple[dict[str, None], frozenset[str]]:
    """Return the keys of a record class in order, and those that have no default."""
    if record not in _KEYS:
        _KEYS[record] = _declared_keys(record)
    return _KEYS[record]


def _declared_keys(record: type[JsonRecord]) -> tuple[dict[str, None], frozenset[str]]:
    declared = [each for each in fields(record) if each.name != "extra"]
    required = frozenset(
        each.name
        for each in declared
        if each.default is MISSING and each.default_factory is MISSING
    )
    return {each.name: None for each in declared}, required


def _plain(value: Any) -> Any:
    if isinstance(value, JsonRecord):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value
