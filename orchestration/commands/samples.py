"""The sample submissions for `eco init --demo`: files made from the figures of the plans."""

from pathlib import Path

import sources
from warehouse.home.folders import opened, write_in
from warehouse.home.layout import Home

SAMPLES = Path(sources.__file__).parent / "samples"


def drop_samples(home: Home) -> int:
    """Copy each department's sample files into its landing folder; return how many."""
    files = [path for path in SAMPLES.glob("*/*") if path.is_file()]
    for path in files:
        with opened(home.landing, (path.parent.name,), create=True) as folder:
            write_in(folder, path.name, path.read_bytes())
    return len(files)
