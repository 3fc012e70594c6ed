"""The cell styles of an XLSX workbook: number format and whether the font is struck out."""

from dataclasses import dataclass

from sources.reading.number_formats import GENERAL, Format, built_in, format_of
from sources.reading.package import Element


@dataclass(frozen=True)
class Style:
    """What of a cell's style matters to its text."""

    form: Format = GENERAL
    struck: bool = False


PLAIN = Style()


def is_true(value: str | None) -> bool:
    """Tell whether an attribute of type boolean is set."""
    return value is not None and value.strip().lower() in ("1", "true", "on")


def read_styles(elements: list[Element]) -> list[Style]:
    """Return the styles of `cellXfs`, by their number."""
    codes = {a.get("numFmtId"): a.get("formatCode", "") for n, a in elements if n == "numFmt"}
    struck = _struck_fonts(elements)
    styles: list[Style] = []
    inside = False
    for name, attributes in elements:
        if name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = name == "cellXfs"
        elif inside and name == "xf":
            styles.append(_style(attributes, codes, struck))
    return styles


def _style(attributes: dict[str, str], codes: dict[str | None, str], struck: list[bool]) -> Style:
    number = attributes.get("numFmtId", "0")
    form = format_of(codes[number]) if number in codes else built_in(_number(number))
    font = _number(attributes.get("fontId", "0"))
    return Style(form, font < len(struck) and struck[font])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _struck_fonts(elements: list[Element]) -> list[bool]:
    """Return for each font of `fonts` whether it is struck out."""
    fonts: list[bool] = []
    inside = False
    for name, attributes in elements:
        if name in ("fonts", "fills", "dxfs", "cellXfs", "cellStyleXfs"):
            inside = name == "fonts"
        elif inside and name == "font":
            fonts.append(False)
        elif inside and name == "strike" and fonts:
            fonts[-1] = is_true(attributes.get("val", "1"))
    return fonts
