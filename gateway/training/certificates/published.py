"""What others need to check certificates without asking us about each: keys, profile and revocations."""

from dataclasses import dataclass
from typing import Any

import jwt
from sqlalchemy import or_, select

from gateway.storage import Database
from gateway.storage.tables import CertificateRow
from gateway.training.certificates.credentials import Issuer
from gateway.training.certificates.keys import KeyRing

_CERTIFICATES = CertificateRow.metadata.tables["certificates"]


@dataclass(frozen=True, slots=True)
class Published:
    """Three public documents; none of them says anything of a teacher."""

    database: Database
    keys: KeyRing
    issuer: Issuer

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517), the one that signs first."""
        return {"keys": [key.public_jwk for key in self.keys.all]}

    def profile(self) -> dict[str, Any]:
        """The issuer's profile in the words of Open Badges 3.0."""
        return {"@context": "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", **self.issuer.profile}

    async def revocations(self) -> dict[str, Any]:
        """Ids of credentials that were revoked or erased, as a 1EdTech revocation list."""
        fallen = or_(_CERTIFICATES.c.revoked_at.is_not(None), _CERTIFICATES.c.credential.is_(None))
        wanted = select(_CERTIFICATES.c.id, _CERTIFICATES.c.credential).where(fallen).order_by(_CERTIFICATES.c.id)
        async with self.database.reading() as connection:
            rows = await connection.execute(wanted)
            revoked = [{"id": self._id(*row), "revoked": True} for row in rows]
        listed = {"id": self.issuer.revocations} if self.issuer.revocations else {}
        return {**listed, "issuer": self.issuer.id, "revokedCredential": revoked}

    def _id(self, certificate: str, credential: str | None) -> str:
        """The id as it was signed, since the address of the gateway may have changed; of an erased one the present."""
        if credential is None:
            return self.issuer.credential_id(certificate)
        return str(jwt.decode(credential, options={"verify_signature": False})["id"])
