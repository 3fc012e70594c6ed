"""The styles and scripts of the pages: as files that the pages of a folder share, or in the page.

A file is named by its content, so that a page never meets one of another version, and a browser
keeps what it has.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from warehouse.home.files import write_text

STATIC = Path(__file__).parent / "static"
FOLDER = "assets"


@dataclass(frozen=True)
class Asset:
    """A style sheet or script; `file` is its address from a page's folder."""

    file: str
    content: str


@cache
def joined(name: str, paths: tuple[str, ...]) -> Asset:
    """Return the files `paths` of `static/`, in that order, as one asset called `name`."""
    content = "\n".join((STATIC / path).read_text(encoding="utf-8") for path in paths)
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Asset(f"{FOLDER}/{name}-{digest}{Path(paths[0]).suffix}", content)


def write_assets(folder: Path, assets: Sequence[Asset]) -> None:
    """Write those assets that a folder of pages lacks."""
    for asset in assets:
        if not (folder / asset.file).exists():
            write_text(folder / asset.file, asset.content)


def remove_other_assets(folder: Path, assets: Sequence[Asset]) -> None:
    """Remove the assets that none of the pages of a folder needs any more."""
    kept = {Path(asset.file).name for asset in assets}
    for path in (folder / FOLDER).iterdir():
        if path.name not in kept:
            path.unlink()
