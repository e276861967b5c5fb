"""Keys of the API: what a key looks like, what is kept of it, and what a key is good for."""

import hashlib
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.identity import Grant, Principal, Scope

PREFIX = "shk_"
_KEY = re.compile(r"(shk_[a-z2-7]{12})_[A-Za-z0-9_-]{43}")
_ID_BYTES, _ID_DIGITS, _SECRET_BYTES = 8, 12, 32


class KeyState(StrEnum):
    """Whether a key opens anything."""

    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class KeyFault(StrEnum):
    """Why a key opens nothing; of one that is not known nobody learns whether its id or its secret was wrong."""

    UNKNOWN = "UNKNOWN"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key without its secret; `id` may be shown, `teacher` is our id of the teacher who holds it.

    `per_minute` is how many requests it may make a minute, None what the settings say.
    """

    id: str
    name: str
    grants: tuple[Grant, ...]
    scopes: frozenset[Scope]
    teacher: str | None
    per_minute: int | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    rotated_from: str | None = None

    def state(self, now: datetime) -> KeyState:
        """How it stands at an instant; at the very instant of its expiry it has expired."""
        if self.revoked_at is not None:
            return KeyState.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return KeyState.EXPIRED
        return KeyState.ACTIVE

    def principal(self, teacher: str | None) -> Principal:
        """Who asks by this key; the name carries the id, so that keys of one name are told apart in the audit log."""
        return Principal(
            f"{self.name} ({self.id})", grants=self.grants, teacher=teacher, scopes=self.scopes, client=self.id
        )


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new key; `text` is the key itself, which is known at this moment only."""

    key: KeyView
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was told by their credentials; `per_minute` is None where the settings say how often they may ask."""

    principal: Principal
    per_minute: int | None = None


def new_key() -> str:
    """The text of a new key: `shk_`, an id of 60 random bits, and a secret of 256 random bits."""
    identifier = b32encode(secrets.token_bytes(_ID_BYTES)).decode().lower()[:_ID_DIGITS]
    return f"{PREFIX}{identifier}_{secrets.token_urlsafe(_SECRET_BYTES)}"


def id_of(text: str) -> str | None:
    """The id in the text of a key; None for a text that is no key."""
    found = _KEY.fullmatch(text)
    return found[1] if found else None


def digest_of(text: str) -> bytes:
    """What is kept of a key. A plain hash will do: 256 random bits are guessed no faster than the hash is broken."""
    return hashlib.sha256(text.encode()).digest()
