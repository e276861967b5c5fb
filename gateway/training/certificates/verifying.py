"""Checking a credential: signature, issuer and revocation, with a plain reason where it does not hold."""

from typing import Any

import jwt
from jwt.types import Options
from sqlalchemy import Connection, select

from gateway.storage.tables import CertificateRow
from gateway.training.certificates.credentials import ALGORITHM, Issuer, certificate_of
from gateway.training.certificates.keys import KeyRing
from gateway.training.views import VerificationView

_CERTIFICATES = CertificateRow.metadata.tables["certificates"]
LONGEST = 20_000
"""Characters of a credential; ours have about three thousand."""
_UNCHECKED: Options = {"verify_aud": False, "verify_nbf": False, "verify_exp": False, "verify_iat": False}


def verify(connection: Connection, text: str, keys: KeyRing, issuer: Issuer) -> VerificationView:
    """What is to be said of a credential; text that is none is not valid either, and no error."""
    payload = _payload(text.strip(), keys)
    if isinstance(payload, str):
        return VerificationView(False, payload, None, None)
    stated = payload.get("iss")
    named = stated if isinstance(stated, str) else None
    certificate = certificate_of(payload.get("jti"))
    found = None
    if certificate is not None:
        found = connection.execute(select(_CERTIFICATES).where(_CERTIFICATES.c.id == certificate)).first()
    if found is None:
        reason = f"signed with a key of this gateway, but issued by {named!r} and not by {issuer.id!r}"
        unknown = "this gateway has issued no certificate of this id"
        return VerificationView(False, unknown if named == issuer.id else reason, named, None)
    if found.credential is None:
        return VerificationView(False, "what it certified was erased at the request of the person", named, None)
    if found.credential != text.strip():
        return VerificationView(False, "it differs from the certificate that was issued under its id", named, None)
    if found.revoked_at is not None:
        reason = f"it was revoked on {found.revoked_at:%Y-%m-%d}"
        return VerificationView(False, reason, named, found.record_id)
    return VerificationView(True, None, named, found.record_id)


def _payload(text: str, keys: KeyRing) -> dict[str, Any] | str:
    """What was signed, or why that cannot be told."""
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST} characters, which no certificate of this gateway is"
    try:
        header = jwt.get_unverified_header(text)
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return "it is no compact JWS, which is three parts of base64url text with points between them"
    key = keys.find(header.get("kid"))
    if header.get("alg") != ALGORITHM or key is None:
        return "it is signed with a key that this gateway has not published"
    try:
        payload: dict[str, Any] = jwt.decode(text, key.private.public_key(), [ALGORITHM], _UNCHECKED)
    except jwt.InvalidSignatureError:
        return "the signature does not fit: it was changed after it was issued"
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return "its payload cannot be read"
    return payload
