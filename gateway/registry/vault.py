"""Sealing secrets: AES-256-GCM under a key of the operator's, bound to platform, name and origins."""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import InvalidInput

KEY_BYTES = 32
NONCE_BYTES = 12
SETTING = "SHANHAI_SEALING_KEY"
HOW_TO_MAKE_ONE = (
    f"set {SETTING} to the base64 of {KEY_BYTES} random bytes, as `openssl rand -base64 {KEY_BYTES}` prints it"
)


class VaultClosed(Exception):
    """No key is set, or none that opens this secret; the message names neither keys nor values."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a sealed secret is bound to: moved to another platform, name or origins it does not open."""

    platform: str
    name: str
    origins: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """The associated data; JSON keeps the parts apart."""
        return json.dumps([self.platform, self.name, sorted(self.origins)]).encode()


class Vault:
    """Seals under its first key and opens under all of them; without a key it does neither."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}

    def __repr__(self) -> str:
        return f"Vault(keys={list(self._ciphers)})"

    @classmethod
    def from_setting(cls, text: str | None) -> "Vault":
        """Read keys separated by commas; raises `InvalidInput` without quoting them."""
        return cls([_read_key(part.strip()) for part in (text or "").split(",") if part.strip()])

    @property
    def key_id(self) -> str | None:
        """Id of the key that seals: the first eight hexadecimal digits of its SHA-256."""
        return next(iter(self._ciphers), None)

    def seal(self, label: Label, value: str) -> bytes:
        """The sealed value; raises `VaultClosed` without a key."""
        if self.key_id is None:
            raise VaultClosed(f"secrets cannot be stored: {HOW_TO_MAKE_ONE}")
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[self.key_id].encrypt(nonce, value.encode(), label.to_bytes())

    def open(self, label: Label, key_id: str, sealed: bytes) -> str:
        """The value; raises `VaultClosed` when its key is not set or it was not sealed for this label."""
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise VaultClosed(f"secret {label.name!r} was sealed with key {key_id}, which is not in {SETTING}")
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label.to_bytes()).decode()
        except (InvalidTag, ValueError):
            raise VaultClosed(f"secret {label.name!r} does not open: it was changed or moved; set it again") from None


def origins_text(origins: Iterable[str]) -> str:
    """Origins as they are stored."""
    return json.dumps(sorted(origins))


def _key_id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]


def _read_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise InvalidInput(f"setting {SETTING} holds no key: {HOW_TO_MAKE_ONE}")
    return key
