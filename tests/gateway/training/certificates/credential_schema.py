"""What the Open Badges 3.0 specification requires of an AchievementCredential, in our own words as a JSON schema."""

from typing import Any

_URI = {"type": "string", "pattern": r"^(https?://|urn:uuid:)\S+$"}
_INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
_TEXT = {"type": "string", "minLength": 1}


def _types(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "contains": {"const": name}}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


PROFILE = _object({"id": _URI, "type": _types("Profile")}, name=_TEXT, url=_URI)
ACHIEVEMENT = _object(
    {
        "id": _URI,
        "type": _types("Achievement"),
        "criteria": _object({}, narrative=_TEXT, id=_URI),
        "description": _TEXT,
        "name": _TEXT,
    },
    achievementType={"enum": ["Achievement", "Course", "CommunityService"]},
)
IDENTITY = _object(
    {
        "type": {"const": "IdentityObject"},
        "hashed": {"type": "boolean"},
        "identityHash": {"type": "string", "pattern": r"^sha256\$[0-9a-f]{64}$"},
        "identityType": {"enum": ["systemId"]},
    },
    salt=_TEXT,
)
SUBJECT = _object(
    {"type": _types("AchievementSubject"), "achievement": ACHIEVEMENT},
    id=_URI,
    identifier={"type": "array", "minItems": 1, "items": IDENTITY},
    activityStartDate=_INSTANT,
    activityEndDate=_INSTANT,
    creditsEarned={"type": "number"},
    role=_TEXT,
)
CREDENTIAL: dict[str, Any] = _object(
    {
        "@context": {
            "type": "array",
            "minItems": 2,
            "prefixItems": [
                {"const": "https://www.w3.org/ns/credentials/v2"},
                {"type": "string", "pattern": r"^https://purl\.imsglobal\.org/spec/ob/v3p0/context(-\d+\.\d+\.\d+)?\.json$"},
            ],
        },
        "id": _URI,
        "type": {"type": "array", "allOf": [_types("VerifiableCredential"), _types("AchievementCredential")]},
        "issuer": PROFILE,
        "validFrom": _INSTANT,
        "credentialSubject": SUBJECT,
    },
    name=_TEXT,
    credentialStatus=_object({"id": _URI, "type": _TEXT}),
    credentialSchema={"type": "array", "items": _object({"id": _URI, "type": _TEXT})},
    iss=_URI,
    jti=_URI,
    sub=_URI,
    nbf={"type": "integer"},
)  # fmt: skip
