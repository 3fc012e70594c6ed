"""The map of the townships, drawn from a boundary file that the county supplies.

The file is GeoJSON (RFC 7946): a FeatureCollection of polygons in degrees of longitude and
latitude, each with the name of its township in one of its properties. Without it the page shows a
grid of tiles.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sources.contracts import Areas

WIDTH = 800  # of the drawing; its points are moved to whole tenths
_MIN_STEP = 0.6  # points that lie closer to the last one than this are left out

Point = tuple[float, float]
Ring = list[Point]


class BoundaryError(ValueError):
    """The boundary file cannot be used; the message is a Chinese clause that says why."""


@dataclass(frozen=True)
class Outline:
    """A township on the map: its SVG path and the place of its name."""

    area: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Boundaries:
    """The map; `note_zh` names townships without an outline and outlines without a township."""

    width: int
    height: int
    areas: tuple[Outline, ...]
    note_zh: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the map as a JSON object."""
        return asdict(self)


def read_boundaries(path: Path, areas: Areas) -> Boundaries:
    """Read a boundary file; a township is written as in any file of a department.

    Raises BoundaryError when the file is no GeoJSON of polygons in degrees, or names no township.
    """
    rings: dict[str, list[Ring]] = {}
    unknown = []
    for number, feature in enumerate(_features(path), 1):
        area = _township(feature.get("properties") or {}, areas)
        if area is None:
            unknown.append(f"第{number}个图形")
        else:
            rings.setdefault(area, []).extend(_rings(feature.get("geometry") or {}, number))
    if not rings:
        raise BoundaryError("没有一个图形的属性写有乡镇名称")
    notes = []
    if lacking := [area for area in areas.townships if area not in rings]:
        notes.append(f"没有边界的乡镇：{'、'.join(lacking)}")
    if unknown:
        notes.append(f"没有对应乡镇的图形：{'、'.join(unknown)}")
    return _drawn(rings, "；".join(notes))


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BoundaryError("文件无法打开") from error
    except ValueError as error:
        raise BoundaryError("文件不是有效的JSON") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise BoundaryError("文件不是GeoJSON图形集（FeatureCollection）")
    return features


def _township(properties: Mapping[str, Any], areas: Areas) -> str | None:
    found = (areas.find(value) for value in properties.values() if isinstance(value, str))
    return next((area for area in found if area in areas.townships), None)


def _rings(geometry: Mapping[str, Any], number: int) -> list[Ring]:
    kind = geometry.get("type")
    coordinates: Any = geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise BoundaryError(f"第{number}个图形不是面（Polygon或MultiPolygon）")
    try:
        polygons = [coordinates] if kind == "Polygon" else coordinates
        rings = [[(float(p[0]), float(p[1])) for p in ring] for each in polygons for ring in each]
    except (TypeError, ValueError, IndexError) as error:
        raise BoundaryError(f"第{number}个图形的坐标无法读取") from error
    if not rings or any(len(ring) < 4 for ring in rings):
        raise BoundaryError(f"第{number}个图形的边界少于四个点")
    if not all(abs(x) <= 180 and abs(y) <= 90 for ring in rings for x, y in ring):
        raise BoundaryError(f"第{number}个图形的坐标不是经纬度（应为度）")
    return rings


def _drawn(rings: Mapping[str, list[Ring]], note_zh: str) -> Boundaries:
    points = [point for own in rings.values() for ring in own for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    # A degree of longitude is shorter than one of latitude: one factor serves for a county.
    shrink = math.cos(math.radians((south + north) / 2))
    if east == west or north == south:
        raise BoundaryError("图形没有面积")
    scale = WIDTH / ((east - west) * shrink)

    def place(point: Point) -> Point:
        return (point[0] - west) * shrink * scale, (north - point[1]) * scale

    outlines = []
    for area, own in rings.items():
        placed = [[place(point) for point in ring] for ring in own]
        x, y = _centre(max(placed, key=lambda ring: abs(_size(ring))))
        outlines.append(Outline(area, "".join(map(_path, placed)), round(x, 1), round(y, 1)))
    return Boundaries(WIDTH, math.ceil((north - south) * scale), tuple(outlines), note_zh)


def _path(ring: Ring) -> str:
    kept = [ring[0]]
    for point in ring[1:]:
        if math.dist(point, kept[-1]) >= _MIN_STEP:
            kept.append(point)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z"


def _edges(ring: Ring) -> Iterable[tuple[Point, Point, float]]:
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        yield (x0, y0), (x1, y1), x0 * y1 - x1 * y0


def _size(ring: Ring) -> float:
    return sum(cross for *_, cross in _edges(ring)) / 2


def _centre(ring: Ring) -> Point:
    size = _size(ring)
    if abs(size) < 1e-9:
        return ring[0]
    x = sum((a[0] + b[0]) * cross for a, b, cross in _edges(ring)) / (6 * size)
    y = sum((a[1] + b[1]) * cross for a, b, cross in _edges(ring)) / (6 * size)
    return x, y
