"""The data home: its folders and locks, safe file operations, the clock, SQL literals, settings."""
