"""The styles of an OpenDocument spreadsheet that matter to a cell's text."""

from dataclasses import dataclass, replace
from fractions import Fraction

from sources.limits import Limits
from sources.reading.number_formats import DATE, GENERAL, NUMBER, TIME, YEAR, Format, Section
from sources.reading.raw import Refusal
from sources.reading.xml_parts import plain_attributes

_DATA_STYLES = ("number-style", "percentage-style", "currency-style", "date-style", "time-style")
_DATE_PARTS = ("month", "day", "day-of-week", "week-of-year", "quarter", "hours", "minutes")


@dataclass(frozen=True)
class Style:
    """Number format and font of cells or of a run of text."""

    form: Format = GENERAL
    struck: bool = False
    superscript: bool = False


_PLAIN = Style()


class Styles:
    """Handlers of the elements of styles; they look up what cells name."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.max_part_elements
        self._forms: dict[str, Format] = {}
        self._styles: dict[tuple[str, str], Style] = {}
        self._data_names: dict[tuple[str, str], str] = {}
        self._parents: dict[tuple[str, str], str] = {}
        self._hidden: set[str] = set()
        self._name: tuple[str, str] | None = None
        self._data: _DataStyle | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _DATA_STYLES:
            self._data = _DataStyle(name, plain_attributes(attributes).get("name", ""))
        elif self._data is not None:
            self._data.start(name, plain_attributes(attributes))
        elif name in ("style", "default-style"):
            self._start_style(plain_attributes(attributes))
        elif self._name is not None:
            self._properties(name, plain_attributes(attributes))

    def _start_style(self, attributes: dict[str, str]) -> None:
        self._name = (attributes.get("family", ""), attributes.get("name", ""))
        if len(self._styles) > self._most:
            raise Refusal("spreadsheet_too_large", detail=f"样式超过 {self._most} 项")
        self._styles[self._name] = _PLAIN
        if data := attributes.get("data-style-name"):
            self._data_names[self._name] = data
        if parent := attributes.get("parent-style-name"):
            self._parents[self._name] = parent

    def _properties(self, name: str, attributes: dict[str, str]) -> None:
        assert self._name is not None
        if name == "text-properties":
            line = attributes.get("text-line-through-style", "none")
            kind = attributes.get("text-line-through-type", "none")
            place = attributes.get("text-position", "")
            self._styles[self._name] = replace(
                self._styles[self._name],
                struck=(line, kind) != ("none", "none"),
                superscript=place.startswith("super") or (place[:1].isdigit() and place[:1] != "0"),
            )
        elif name == "table-properties" and attributes.get("display") == "false":
            self._hidden.add(self._name[1])

    def text(self, data: str) -> None:
        if self._data is not None:
            self._data.text(data)

    def end(self, name: str) -> None:
        if self._data is not None and name in _DATA_STYLES:
            self._forms[self._data.name] = self._data.form()
            self._data = None
        elif self._data is not None:
            self._data.end(name)
        elif name in ("style", "default-style"):
            self._name = None

    def hides(self, name: str) -> bool:
        """Tell whether a table of this style is hidden."""
        return name in self._hidden

    def text_style(self, name: str) -> Style:
        """Return the style of a run of text."""
        return self._styles.get(("text", name), _PLAIN)

    def cell_style(self, name: str) -> Style:
        """Return the style of a cell; its number format may be an ancestor's."""
        found = self._styles.get(("table-cell", name), _PLAIN)
        for _ in range(20):
            key = ("table-cell", name)
            if key in self._data_names:
                return replace(found, form=self._forms.get(self._data_names[key], GENERAL))
            if key not in self._parents:
                break
            name = self._parents[key]
        return found


class _DataStyle:
    """Reads one number, date or time style into a format."""

    def __init__(self, kind: str, name: str) -> None:
        self.name = name
        self._kind = kind
        self._factor = Fraction(100) if kind == "percentage-style" else Fraction(1)
        self._texts: list[list[str]] = [[], []]  # before the number and behind it
        self._parts: set[str] = set()
        self._places = 1
        self._in_text = self._painted_point = False
        self._number = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._parts.add(name)
        self._in_text = name == "text"
        if name == "number":
            self._number = True
            factor = attributes.get("display-factor", "1")
            if factor.isdigit() and int(factor):
                self._factor /= int(factor)
            places = attributes.get("min-integer-digits", "1")
            decimals = attributes.get("decimal-places", "0")
            if places.isdigit() and decimals == "0":
                self._places = max(1, min(int(places), 20))
        elif name == "embedded-text":
            self._position = int(attributes.get("position", "0"))
            self._in_text = self._painted_point = True

    def text(self, data: str) -> None:
        if not self._in_text:
            return
        if self._painted_point:
            if data == ".":  # a point that is only painted
                self._factor /= 10 ** min(self._position, 20)
                self._places = 1
        else:
            self._texts[self._number].append(data)

    def end(self, name: str) -> None:
        if name in ("text", "embedded-text"):
            self._in_text = self._painted_point = False

    def form(self) -> Format:
        """Return the format that was read."""
        if self._kind == "date-style":
            return Format(self.name, DATE if self._parts & set(_DATE_PARTS) else YEAR)
        if self._kind == "time-style":
            return Format(self.name, TIME)
        before, after = ("".join(part).strip(" ()-+¥￥$€") for part in self._texts)
        plain = self._factor == 1 and not before and not after
        places = self._places if plain else 1
        return Format(self.name, NUMBER, (Section(None, self._factor, before, after, places),))
