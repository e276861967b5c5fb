"""Keyed hashes of what must not be kept itself, and the secret keys that a data directory holds where none is set."""

import contextlib
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import InvalidInput

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """HMAC-SHA-256 by one secret key, apart for each purpose, so that equal values of two purposes never look equal."""

    key: bytes = field(repr=False)

    def digest(self, purpose: str, *parts: str | bytes) -> bytes:
        """32 bytes; parts are framed by their lengths, so that no two sequences of parts run together."""
        own = hmac.digest(self.key, f"shanhai {purpose} 1".encode(), hashlib.sha256)
        framed = b"".join(len(each).to_bytes(8, "big") + each for each in map(_bytes, parts))
        return hmac.digest(own, framed, hashlib.sha256)

    def hex(self, purpose: str, *parts: str | bytes) -> str:
        """64 hexadecimal digits."""
        return self.digest(purpose, *parts).hex()


def _bytes(part: str | bytes) -> bytes:
    return part.encode() if isinstance(part, str) else part


def secret_key(chosen: str | None, path: Path, setting: str) -> bytes:
    """The key that was chosen, else a random one in a file that processes with this data directory share.

    Raises InvalidInput, which names the setting, where the file cannot be made or is not what was written into it.
    """
    if chosen is not None:
        return chosen.encode()
    try:
        if not path.exists():
            create_file(path, secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}; or set {setting}") from None
    if len(key) != KEY_BYTES:
        raise InvalidInput(f"{path} does not hold {KEY_BYTES} bytes; restore it, or set {setting}")
    return key


def create_file(path: Path, body: bytes) -> None:
    """Put a whole secret file in place; where another process is quicker, its file stays. Raises OSError."""
    made = written_beside(path, body)
    try:
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(made)
    finally:
        made.unlink(missing_ok=True)


def written_beside(path: Path, body: bytes) -> Path:
    """A whole file beside a path, on disk and readable by nobody else; to be moved there. Raises OSError."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    return made
