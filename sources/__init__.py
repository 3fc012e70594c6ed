"""From a department's file to clean rows: contracts, reading, cleaning, receipts, templates.

Nothing in here knows the data home, the lake or DuckDB; nothing imports another folder of ours.
"""
