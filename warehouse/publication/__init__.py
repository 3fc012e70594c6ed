"""Publications: from a finished build to the published file, its snapshots and its releases."""
