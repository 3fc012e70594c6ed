"""The data home: folders and locks, atomic file operations, JSON records, clock, SQL literals."""
