"""Ed25519 keys of certificates: the first signs, all are published, so that what an older one signed still verifies."""

import base64
import binascii
import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.errors import InvalidInput
from gateway.keyed import create_file, written_beside

SETTING = "SHANHAI_CERTIFICATE_KEYS"
SEED_BYTES = 32


@dataclass(frozen=True)
class SigningKey:
    """One key by its 32-byte seed."""

    seed: bytes = field(repr=False)

    @cached_property
    def private(self) -> Ed25519PrivateKey:
        """What signs."""
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def id(self) -> str:
        """The thumbprint of RFC 7638: 43 characters that follow from the public key."""
        body = orjson.dumps({"crv": "Ed25519", "kty": "OKP", "x": self._x})
        return _text(hashlib.sha256(body).digest())

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public key as a JSON Web Key (RFC 8037)."""
        return {"kty": "OKP", "crv": "Ed25519", "x": self._x, "kid": self.id, "alg": "EdDSA", "use": "sig"}

    @cached_property
    def _x(self) -> str:
        return _text(self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


class KeyRing:
    """Keys by their setting, or by a file that is read again whenever it changes; made by `open_keys`."""

    def __init__(self, chosen: tuple[SigningKey, ...] = (), path: Path | None = None) -> None:
        self._keys, self._path = chosen, path
        self._seen: tuple[int, int] | None = None

    @property
    def all(self) -> tuple[SigningKey, ...]:
        """Every key, the one that signs first; raises InvalidInput where the file cannot be read."""
        if self._path is not None:
            _ensure(self._path)
            self._read(self._path)
        return self._keys

    def find(self, key_id: object) -> SigningKey | None:
        """The key of this id."""
        return next((key for key in self.all if key.id == key_id), None)

    def rotate(self) -> SigningKey:
        """Put a new key first; the others stay. Raises InvalidInput where the keys come from the setting."""
        if self._path is None:
            raise InvalidInput(
                f"the keys come from {SETTING}; put a new one first there, and keep the others behind it"
            )
        _ensure(self._path)
        with _locked(self._path):
            new = SigningKey(secrets.token_bytes(SEED_BYTES))
            made = written_beside(self._path, _body((new, *_parsed(self._path))))
            made.replace(self._path)
        return new

    def _read(self, path: Path) -> None:
        try:
            status = path.stat()
        except OSError as error:
            raise InvalidInput(f"{path}: {error.strerror}; or set {SETTING}") from None
        if self._seen != (status.st_mtime_ns, status.st_ino):
            self._keys, self._seen = _parsed(path), (status.st_mtime_ns, status.st_ino)


def open_keys(chosen: str | None, path: Path) -> KeyRing:
    """Keys of the setting (base64 of seeds, separated by commas), else of this file, which is made at the first use.

    Raises InvalidInput where the setting is not what it must be.
    """
    if chosen is None:
        return KeyRing(path=path)
    return KeyRing(_keys((part.strip() for part in chosen.split(",") if part.strip()), SETTING))


def _keys(texts: Iterable[str], place: str) -> tuple[SigningKey, ...]:
    found = []
    for number, text in enumerate(texts, 1):
        try:
            seed = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            seed = b""
        if len(seed) != SEED_BYTES:
            raise InvalidInput(f"{place}: key {number} is not the base64 of {SEED_BYTES} bytes")
        found.append(SigningKey(seed))
    if not found:
        raise InvalidInput(f"{place} names no key")
    return tuple(found)


def _parsed(path: Path) -> tuple[SigningKey, ...]:
    try:
        seeds = orjson.loads(path.read_bytes())["keys"]
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}; or set {SETTING}") from None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise InvalidInput(f'{path} is not the JSON {{"keys": [...]}}; restore it, or set {SETTING}') from None
    if not isinstance(seeds, list):
        raise InvalidInput(f"{path}: keys is no list; restore it, or set {SETTING}")
    return _keys(map(str, seeds), str(path))


def _ensure(path: Path) -> None:
    """Put a file with one key in place; where another process is quicker, its key stays."""
    if path.exists():
        return
    try:
        create_file(path, _body([SigningKey(secrets.token_bytes(SEED_BYTES))]))
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}; or set {SETTING}") from None


def _body(keys: Iterable[SigningKey]) -> bytes:
    return orjson.dumps({"keys": [base64.b64encode(key.seed).decode() for key in keys]}, option=orjson.OPT_INDENT_2)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two rotations at once keep both keys: the second one waits."""
    with os.fdopen(os.open(path.with_name(f"{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _text(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()
