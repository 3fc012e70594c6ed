"""From a finished build to the published file: candidate, comparison, commit, retention."""
