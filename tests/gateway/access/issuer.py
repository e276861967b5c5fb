"""An issuer of tokens in memory: it signs what it is told to, publishes its keys, and counts who asks."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gateway.access.jwks import KeySet, KeysUnavailable
from gateway.access.tokens import TokenReader, TokenRules

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ISSUER, AUDIENCE = "https://sso.example/realms/edu", "shanhai"
JWKS = "https://sso.example/keys"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@cache
def private_key(name: str) -> Any:
    """One private key for each name, of the kind that the name begins with."""
    match name.partition("-")[0]:
        case "rsa":
            return generate_rsa_key(65537, 2048)
        case "weak":
            return generate_rsa_key(65537, 1024)  # noqa: S505  # refused for its size, as it should be
        case "ec":
            return generate_private_key(SECP256R1())
    return Ed25519PrivateKey.generate()


ALGORITHMS: dict[str, tuple[Any, str]] = {
    "rsa": (RSAAlgorithm, "RS256"),
    "weak": (RSAAlgorithm, "RS256"),
    "ec": (ECAlgorithm, "ES256"),
}


def public_jwk(name: str, **more: Any) -> dict[str, Any]:
    """The public key of a name as a JSON Web Key whose id is the name."""
    algorithm = ALGORITHMS.get(name.partition("-")[0], (OKPAlgorithm, "EdDSA"))[0]
    document: dict[str, Any] = algorithm.to_jwk(private_key(name).public_key(), as_dict=True)
    return {**document, "kid": name, "use": "sig", **more}


def claims(**changes: Any) -> dict[str, Any]:
    """Claims of a good token; a claim that is changed to None is left out."""
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "u-1",
        "iat": int(NOON.timestamp()),
        "exp": int((NOON + timedelta(minutes=5)).timestamp()),
        "shanhai_roles": ["TRAINING_OFFICER:500103"],
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token(name: str = "rsa-1", header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token signed by the key of a name."""
    algorithm = ALGORITHMS.get(name.partition("-")[0], (OKPAlgorithm, "EdDSA"))[1]
    return jwt.encode(
        claims(**changes), private_key(name), algorithm=algorithm, headers={"kid": name, **(header or {})}
    )


@dataclass
class Issuer:
    """Answers for its documents; `down` makes it answer nothing."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [public_jwk("rsa-1"), public_jwk("ec-1")])
    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False

    async def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if self.down:
            raise KeysUnavailable("down")
        if url in self.documents:
            return self.documents[url]
        assert url == JWKS
        return json.dumps({"keys": self.keys}).encode()


@dataclass
class Readers:
    """A reader of tokens over an issuer, with a clock to be moved."""

    issuer: Issuer = field(default_factory=Issuer)
    clock: Clock = field(default_factory=Clock)
    algorithms: tuple[str, ...] = ("RS256", "ES256", "EdDSA")
    jwks_url: str | None = JWKS
    teachers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys = KeySet(self.issuer.fetch, self.clock, ISSUER, self.jwks_url)
        rules = TokenRules(ISSUER, AUDIENCE, self.algorithms)
        self.reader = TokenReader(rules, self.keys, self.clock, self._find)

    async def _find(self, text: str) -> str | None:
        return self.teachers.get(text)
