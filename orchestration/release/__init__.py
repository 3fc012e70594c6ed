"""Checking and publishing a candidate."""
