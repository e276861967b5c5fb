"""Digests and how they are written."""

import base64
import hashlib
from typing import Literal

from connectors.errors import ManifestError
from schema.records import Record

Algorithm = Literal["md5", "sha1", "sha256", "sha512", "sm3"]


class DigestForm(Record):
    """`{algorithm: md5, encoding: base64}`: hexadecimal digits in `lower` or `upper` case, or base64."""

    algorithm: Algorithm = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    case: Literal["lower", "upper"] = "lower"

    def written(self, digest: bytes) -> str:
        """A digest as text."""
        if self.encoding == "base64":
            return base64.b64encode(digest).decode()
        return digest.hex().upper() if self.case == "upper" else digest.hex()

    def of(self, data: bytes) -> str:
        """The digest of `data`, written."""
        return self.written(hashlib.new(self.algorithm, data).digest())


def require(algorithm: Algorithm) -> None:
    """Raise `ManifestError` where this Python cannot compute it."""
    if algorithm not in hashlib.algorithms_available:
        raise ManifestError(f"the OpenSSL of this Python does not know {algorithm}; another build does")
