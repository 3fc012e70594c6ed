"""Keeping the data: verifying checksums, backups, restoring."""
