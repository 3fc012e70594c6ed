"""How long the report takes to be drawn with ten years of values, and what it weighs.

By the clock, from the start of the navigation to the last chart, in a headless Chromium, and the
processor time of the page's thread, which other work on the machine does not lengthen. The floor in
the same run: the same file opened without its own script, so parsed and laid out but not drawn.
Run: python -m tests.benchmarks.report_drawing [HOME]; without a home one is loaded first.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

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
        report.write(database, folder, MANIFEST)
        page, bare = folder / "index.html", folder / "bare.html"
        head, script, tail = page.read_text("utf-8").rpartition("<script>")
        bare.write_text(head + script + "/*" + tail.replace("</script>", "*/</script>"), "utf-8")
        weight = page.stat().st_size
        with Browser(program) as browser:
            worst = 0.0
            for name, width, height in (("screen", 1320, 900), ("phone", 360, 780)):
                browser.size(width, height, phone=name == "phone")
                floor, times = _times(browser, bare, LOADED), _times(browser, page, DRAWN)
                worst = max(worst, median(times))
                print(
                    f"{name}: drawn in {median(times):.2f} s (best {times[0]:.2f}, "
                    f"worst {times[-1]:.2f}), floor {median(floor):.2f} s, "
                    f"processor {_processor_seconds(browser, page):.2f} s"
                )
    print(f"weight: {weight / 1e6:.2f} MB of {MAX_BYTES / 1e6:.0f} MB")
    sys.exit(worst > MAX_SECONDS or weight > MAX_BYTES)


if __name__ == "__main__":
    main()
