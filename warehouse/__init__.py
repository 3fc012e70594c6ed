"""The data home: its layout, the lake and its commits, building and publishing the DuckDB file.

Knows contracts, but neither how a department's file is read (sources) nor who runs it
(orchestration).
"""
