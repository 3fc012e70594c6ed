"""Sessions and rate limits of the portal, in memory: a restart signs everybody out."""

import hmac
import secrets
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from hashlib import sha256

from orchestration.portal.users import User

IDLE_SECONDS = 30 * 60.0
LONGEST_SECONDS = 12 * 3600.0
COOKIE = "eco_portal"


@dataclass
class Session:
    """A sign-in: whose, and the token that its forms must carry."""

    user: User
    csrf: str
    began: float
    used: float


class Sessions:
    """Sessions by the hash of their cookie, so that memory holds no cookie that could be used."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def begin(self, user: User) -> tuple[str, Session]:
        """Begin a session; return the cookie's value and the session."""
        self._drop_old()
        token = secrets.token_urlsafe(32)
        now = time.monotonic()
        session = Session(user, secrets.token_urlsafe(32), now, now)
        self._sessions[_key(token)] = session
        return token, session

    def get(self, token: str | None) -> Session | None:
        """Return the session of a cookie, or None when there is none or it is over."""
        if not token:
            return None
        session = self._sessions.get(_key(token))
        now = time.monotonic()
        if session is None or _is_over(session, now):
            return None
        session.used = now
        return session

    def end(self, token: str | None) -> None:
        """End a session."""
        if token:
            self._sessions.pop(_key(token), None)

    def end_all_of(self, name: str) -> None:
        """End every session of an account."""
        self._sessions = {k: s for k, s in self._sessions.items() if s.user.name != name}

    def _drop_old(self) -> None:
        now = time.monotonic()
        self._sessions = {k: s for k, s in self._sessions.items() if not _is_over(s, now)}


def _key(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _is_over(session: Session, now: float) -> bool:
    return now - session.used > IDLE_SECONDS or now - session.began > LONGEST_SECONDS


def same_token(given: str | None, expected: str) -> bool:
    """Compare tokens in a time that does not depend on where they differ."""
    return hmac.compare_digest((given or "").encode(), expected.encode())


@dataclass
class RateLimit:
    """At most `most` events in `seconds` for each key."""

    most: int
    seconds: float
    _events: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def allows(self, key: str) -> bool:
        """Count an event of a key; return whether it is within the limit."""
        now = time.monotonic()
        if len(self._events) > 10_000:  # forget keys that have been quiet
            self._events = defaultdict(
                deque, {k: e for k, e in self._events.items() if e and now - e[-1] < self.seconds}
            )
        events = self._events[key]
        while events and now - events[0] > self.seconds:
            events.popleft()
        if len(events) >= self.most:
            return False
        events.append(now)
        return True

    def forget(self, key: str) -> None:
        """Forget the events of a key."""
        self._events.pop(key, None)
