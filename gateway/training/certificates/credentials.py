"""One credential: what it says of a record in the words of Open Badges 3.0, and its signature as a compact JWS.

It names no teacher: the holder proves to be meant by our id of them, of which it holds a salted hash. Format: Open
Badges 3.0, section 8 (the payload of the JWS is the credential, with the registered claims iss, jti, nbf and sub).
"""

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import jwt

from gateway.clock import CHINA
from gateway.training.certificates.keys import SigningKey
from gateway.training.views import EntryView
from schema.training import TrainingKind, TrainingRole

CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
ALGORITHM = "EdDSA"
NAME = "山海 Shanhai"
_ID = re.compile(r"[0-9a-f]{32}")
_TYPES = {TrainingKind.COURSE: "Course", TrainingKind.REMOTE_SUPPORT: "CommunityService"}


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: `base` is the address of the gateway, and `number` names its database where it has none."""

    base: str | None
    number: int

    @property
    def id(self) -> str:
        """The id of the issuer's profile: an address where there is one, else a name that only this database has."""
        if self.base is not None:
            return f"{self.base}/credentials/issuer"
        return uuid.uuid5(uuid.NAMESPACE_OID, f"shanhai {self.number}").urn

    @property
    def profile(self) -> dict[str, Any]:
        """The profile, as credentials embed it and as it is published."""
        address = {"url": self.base} if self.base is not None else {}
        return {"id": self.id, "type": ["Profile"], "name": NAME, **address}

    @property
    def revocations(self) -> str | None:
        """Where revoked credentials are listed; None where the gateway has no address."""
        return None if self.base is None else f"{self.base}/credentials/revocations"

    def credential_id(self, certificate: str) -> str:
        """The id that a credential bears for one of our ids."""
        if self.base is not None:
            return f"{self.base}/credentials/{certificate}"
        return uuid.UUID(certificate).urn


@dataclass(frozen=True, slots=True)
class Certified:
    """What a credential says of a record; `teacher` is our id, of which only a hash leaves."""

    teacher: str
    title: str
    kind: TrainingKind
    role: TrainingRole
    starts_on: date
    ends_on: date | None
    activity_key: str
    award: EntryView


def certificate_of(credential_id: object) -> str | None:
    """Our id in the id of a credential, under whatever address it was issued; None where there is none."""
    if not isinstance(credential_id, str):
        return None
    last = re.split(r"[/:]", credential_id)[-1].replace("-", "")
    return last if _ID.fullmatch(last) else None


def credential(issuer: Issuer, certificate: str, now: datetime, said: Certified) -> dict[str, Any]:
    """The payload: an AchievementCredential with the claims of a JSON Web Token."""
    subject = uuid.uuid4().urn  # another one in each credential, so that two of one teacher cannot be put together
    own_id = issuer.credential_id(certificate)
    since = now.astimezone(UTC).replace(microsecond=0)
    body: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": own_id,
        "type": ["VerifiableCredential", "AchievementCredential"],
        "issuer": issuer.profile,
        "validFrom": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "name": said.title,
        "credentialSubject": _subject(subject, said),
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
    }
    if issuer.revocations is not None:
        body["credentialStatus"] = {"id": issuer.revocations, "type": "1EdTechRevocationList"}
    return {**body, "iss": issuer.id, "jti": own_id, "nbf": int(since.timestamp()), "sub": subject}


def sign(payload: dict[str, Any], key: SigningKey) -> str:
    """The compact JWS, whose header bears the public key and its id."""
    header = {"kid": key.id, "jwk": {name: key.public_jwk[name] for name in ("kty", "crv", "x")}}
    return jwt.encode(payload, key.private, ALGORITHM, header)


def _subject(subject: str, said: Certified) -> dict[str, Any]:
    salt = secrets.token_hex(16)
    hashed = hashlib.sha256(f"{said.teacher}{salt}".encode()).hexdigest()
    return {
        "id": subject,
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": f"sha256${hashed}",
                "identityType": "systemId",
                "salt": salt,
            }
        ],
        "activityStartDate": _instant(said.starts_on),
        "activityEndDate": _instant(said.ends_on or said.starts_on),
        "creditsEarned": _number(said.award.hours),
        "role": said.role.value,
        "achievement": _achievement(said),
    }


def _achievement(said: Certified) -> dict[str, Any]:
    rule = said.award.rule
    sample = "，该规则为示例" if rule.sample else ""
    hours = f"{said.award.hours.normalize():f}"
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_OID, f"{said.kind} {said.activity_key}").urn,
        "type": ["Achievement"],
        "name": said.title,
        "description": said.title,
        "achievementType": _TYPES.get(said.kind, "Achievement"),
        "criteria": {"narrative": f"按学时认定规则 {rule.id} 认定 {hours} 学时{sample}。"},
    }


def _instant(day: date) -> str:
    """The first instant of a day in China."""
    return datetime.combine(day, time.min, CHINA).isoformat()


def _number(hours: Decimal) -> int | float:
    """The format knows only JSON numbers; the exact hours stand in the ledger and in the criteria."""
    return int(hours) if hours == int(hours) else float(hours)
