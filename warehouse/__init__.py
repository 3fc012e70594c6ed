"""The data home: its layout, the lake and its commits, building and publishing the DuckDB file.

Depends on the contracts, but neither on how a department's file is read (sources) nor on what runs
a load (orchestration).
"""
