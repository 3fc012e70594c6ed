"""From raw text cells to clean rows: a contract compiled into polars expressions.

Belongs here: what a cell's text means for a field's type, which rule it breaks, and how a table
splits into accepted and rejected rows. No row is touched by Python code: a column is cast as a
whole, and only the distinct texts that a cast leaves over are looked at more closely.
"""
