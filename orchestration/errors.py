"""Errors in sentences for people, and the technical details kept in a file.

No traceback reaches a terminal: a person reads what is wrong and what to do, a developer the file.
"""

import errno
import tempfile

_OURS = ("sources", "warehouse", "expectations", "orchestration")
_RIGHTS = "Run the command as the user who owns that file or folder, or change its rights."
_REMEDIES = {
    errno.ENOSPC: "The disk is full: free some space, then try again.",
    errno.EDQUOT: "The disk quota is used up: free some space, then try again.",
    errno.EROFS: "The file system is read-only: mount it for writing, or choose another place.",
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EIO: "The disk or the share failed: check it before anything else.",
}


def expected_error(error: Exception) -> str | None:
    """Return cause and remedy of an error that users can do something about, else None."""
    if type(error).__module__.partition(".")[0] in _OURS:  # its message is written for people
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        remedy = _REMEDIES.get(error.errno or 0, "Correct that, then try again.")
        return f"{error.filename or 'data home'}: {error.strerror}. {remedy}"
    return None


def short_text(error: Exception) -> str:
    """Return type and message of an error on one line, at most 500 characters."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]


def keep_details(details: str) -> str:
    """Write details for a developer to a file; return a sentence that names it.

    Returns the details themselves when no file can be written.
    """
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="eco-error-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(details)
    except OSError:
        return details
    return f"The details are in {file.name}; send that file to the software's maintainers."
