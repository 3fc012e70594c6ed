"""From a department's file to clean rows: contracts, reading, cleaning, receipts, templates.

Nothing in here knows the data home, the lake or DuckDB; nothing imports another folder of ours.
"""

import os

# polars gives memory back to the system half a second after its use. Cleaning piece after piece
# needs it again at once, and page faults are a tenth of the work. Read when polars is loaded.
os.environ.setdefault(
    "_RJEM_MALLOC_CONF", "background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:-1"
)
