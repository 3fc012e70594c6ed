"""The intake of files: landing folders, the intake service, receipts, rereading the archive."""
