"""Which dataset a table is, decided by its header."""
