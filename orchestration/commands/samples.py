"""The sample submissions for `eco init --demo`: files made from the figures of the plans."""

import shutil
from pathlib import Path

import sources
from warehouse.home.layout import Home

SAMPLES = Path(sources.__file__).parent / "samples"


def drop_samples(home: Home) -> int:
    """Copy each department's sample files into its landing folder; return how many."""
    files = [path for path in SAMPLES.glob("*/*") if path.is_file()]
    for path in files:
        target = home.department(path.parent.name) / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return len(files)
