"""How long the report's heaviest page takes to draw with ten years of values, and what it weighs.

By the clock, from the start of the navigation to the last chart, in a headless Chromium, and the
processor time of the page's thread, which other work on the machine does not lengthen. The floor in
the same run: the same file opened without its own script, so parsed and laid out but not drawn.
Run: python -m tests.benchmarks.report_drawing [HOME]; without a home one is loaded first.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from orchestration.release.service import declared_marts
from sources.contracts import load_contracts
from tests import ten_years
from tests.browser import Browser, executable
from tests.conftest import Eco
from warehouse import report
from warehouse.publication.manifest import BuildInfo, PublicationManifest

MAX_SECONDS, MAX_BYTES, ROUNDS = 2.0, 5_000_000, 7
MANIFEST = PublicationManifest(
    "benchmark", "2026-11-20T18:00:00+00:00", "1.0.0", BuildInfo(software_version="-")
)
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
DRAWN = "Number(document.documentElement.dataset.drawn)"


def _times(browser: Browser, page: Path, what: str) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        browser.open(page)
        times.append(browser.until(what) / 1000)
    return sorted(times)


def _processor_seconds(browser: Browser, page: Path) -> float:
    browser.call("Performance.enable", timeDomain="threadTicks")
    browser.open(page)
    browser.until(DRAWN)
    metrics = browser.call("Performance.getMetrics")["metrics"]
    browser.call("Performance.disable")
    return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")


def main() -> None:
    """Print weight and times; exit with 1 when they are above what is promised."""
    program = executable()
    if program is None:
        sys.exit("no Chromium here: apt-get install chromium, or set ECO_CHROMIUM")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        eco = Eco(Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "home")
        if len(sys.argv) == 1:
            eco("init", "--demo")
            eco("nightly")
        database = ten_years.make(eco.home.database, folder / "eco.duckdb")
        surroundings = report.Surroundings(declared_marts(), load_contracts())
        report.write(database, folder, MANIFEST, surroundings)
        pages = sorted(folder.glob("*.html"), key=lambda path: path.stat().st_size)
        page, bare = pages[-1], folder / "bare.html"
        head, data, scripts = page.read_text("utf-8").partition('<script type="application/json"')
        bare.write_text(head + data + scripts.replace("<script src", "<script data-src"), "utf-8")
        shared = list((folder / "assets").iterdir())
        weight = page.stat().st_size
        total = sum(path.stat().st_size for path in [*pages, *shared])
        with Browser(program) as browser:
            worst = 0.0
            for name, width, height in (("screen", 1320, 900), ("phone", 360, 780)):
                browser.size(width, height, phone=name == "phone")
                floor, times = _times(browser, bare, LOADED), _times(browser, page, DRAWN)
                worst = max(worst, median(times))
                print(
                    f"{page.name}, {name}: drawn in {median(times):.2f} s (best {times[0]:.2f}, "
                    f"worst {times[-1]:.2f}), floor {median(floor):.2f} s, "
                    f"processor {_processor_seconds(browser, page):.2f} s"
                )
            browser.size(1320, 900)
            for other in reversed(pages[:-1]):
                seconds = median(_times(browser, other, DRAWN))
                worst = max(worst, seconds)
                print(f"{other.name}: drawn in {seconds:.2f} s")
    print(
        f"weight: all {len(pages)} pages and what they share {total / 1e6:.2f} MB of "
        f"{MAX_BYTES / 1e6:.0f} MB, the heaviest {weight / 1e6:.2f} MB"
    )
    sys.exit(worst > MAX_SECONDS or total > MAX_BYTES)


if __name__ == "__main__":
    main()
