"""Accounts of the portal: names, departments and password hashes, in one file of the home."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from warehouse.home import clock
from warehouse.home.files import write_text
from warehouse.home.layout import Home, HomeError

SHORTEST_PASSWORD = 10
_NAME = re.compile(r"[A-Za-z0-9_.@-]{2,64}|[\u4e00-\u9fff]{2,16}")


class UserError(HomeError):
    """An account cannot be made, changed or found; the message says why."""


@dataclass(frozen=True)
class User:
    """An account: who signs in, and for which department."""

    name: str
    department: str
    password_hash: str
    created_at: str


class Users:
    """The accounts of one home (`portal_users.json`, readable by its owner alone)."""

    def __init__(self, home: Home) -> None:
        self._path = home.root / "portal_users.json"
        self._hasher = PasswordHasher()
        # Verified for an unknown name: the response time must not reveal which names exist.
        self._nobody = self._hasher.hash("nobody has this password")

    @property
    def path(self) -> Path:
        """The file of the accounts."""
        return self._path

    def all(self) -> Mapping[str, User]:
        """Return the accounts by name. Raises UserError when the file cannot be read."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return {name: User(name=name, **entry) for name, entry in content.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError) as error:
            raise UserError(
                f"{self._path} cannot be read: {error}. Restore it from a backup, or remove it and "
                "add the accounts again: eco portal user add NAME --department D"
            ) from error

    def add(self, name: str, department: str, password: str) -> User:
        """Add an account, or give one a new password. Raises UserError."""
        if not _NAME.fullmatch(name):
            raise UserError(f"'{name}' cannot be a name: use 2 to 64 letters, digits, _ . @ -")
        if len(password) < SHORTEST_PASSWORD:
            raise UserError(f"the password needs at least {SHORTEST_PASSWORD} characters")
        if password.casefold() in (name.casefold(), name.casefold() * 2):
            raise UserError("the password must not be the name")
        user = User(name, department, self._hasher.hash(password), clock.now().isoformat())
        self._write({**self.all(), name: user})
        return user

    def remove(self, name: str) -> None:
        """Remove an account. Raises UserError when there is none of that name."""
        users = dict(self.all())
        if users.pop(name, None) is None:
            raise UserError(f"there is no account '{name}'")
        self._write(users)

    def verified(self, name: str, password: str) -> User | None:
        """Return the account if the password is its own, else None."""
        user = self.all().get(name)
        try:
            self._hasher.verify(user.password_hash if user else self._nobody, password)
        except (VerificationError, InvalidHashError):
            return None
        return user

    def _write(self, users: Mapping[str, User]) -> None:
        content = {
            name: {key: value for key, value in asdict(user).items() if key != "name"}
            for name, user in sorted(users.items())
        }
        old = os.umask(0o077)
        try:
            write_text(self._path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        finally:
            os.umask(old)
        self._path.chmod(0o600)
