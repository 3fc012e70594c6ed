"""Errors as sentences for the terminal, with details kept in a file."""

import errno
import tempfile
import traceback

_OURS = ("sources", "warehouse", "expectations", "orchestration")
_REMEDIES = {
    errno.ENOSPC: "The disk is full: free some space, then run the command again.",
    errno.EDQUOT: "The disk quota is used up: free some space, then run the command again.",
    errno.EROFS: "The file system is read-only: mount it for writing, or choose another place.",
    errno.EACCES: "Run the command as the user who owns that file or folder, or mend its rights.",
    errno.EPERM: "Run the command as the user who owns that file or folder, or mend its rights.",
    errno.EIO: "The disk or the share failed: look at it before anything else.",
}


def error_sentence(error: Exception) -> str:
    """What a person is told of an error that no command expected."""
    if type(error).__module__.partition(".")[0] in _OURS:  # it was written for people
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        remedy = _REMEDIES.get(error.errno or 0, "Mend that, then run the command again.")
        return f"{error.filename or 'data home'}: {error.strerror}. {remedy}"
    text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return f"unexpected, and not your mistake: {text}\n{_kept(traceback.format_exc())}"


def _kept(details: str) -> str:
    """Keep what a developer needs in a file, so that a terminal shows sentences only."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="eco-error-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(details)
    except OSError:
        return details
    return f"The details are in {file.name}; send that file to whoever looks after the software."
