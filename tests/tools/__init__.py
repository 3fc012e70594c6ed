"""Programs for developers: run by hand, not collected by pytest."""
