"""Certificates of recognized records: Open Badges 3.0 credentials, signed with Ed25519 and revocable."""

from gateway.training.certificates.credentials import Issuer
from gateway.training.certificates.issuing import issue
from gateway.training.certificates.keys import KeyRing, SigningKey, open_keys
from gateway.training.certificates.published import Published
from gateway.training.certificates.revoking import revoke, revoke_for_record
from gateway.training.certificates.verifying import verify

__all__ = [
    "Issuer",
    "KeyRing",
    "Published",
    "SigningKey",
    "issue",
    "open_keys",
    "revoke",
    "revoke_for_record",
    "verify",
]
