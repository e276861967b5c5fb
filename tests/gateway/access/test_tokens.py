"""Tokens of an issuer: the good ones say who asks, and every attack on them is refused."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.tokens import LEEWAY, LONGEST_TOKEN, TokenRefused, TokenRules
from gateway.errors import InvalidInput
from gateway.identity import Grant, Principal, Role, Scope
from tests.gateway.access.issuer import AUDIENCE, ISSUER, NOON, Issuer, Readers, claims, private_key, public_jwk, token


def at(seconds: float) -> float:
    """An instant so many seconds after noon, as tokens write it."""
    return NOON.timestamp() + seconds


def encoded(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def by_hand(header: object, payload: object, signature: bytes = b"x") -> str:
    """A token with any header, which no library would sign."""
    return f"{encoded(header)}.{encoded(payload)}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


async def refusal(text: str, readers: Readers | None = None) -> str:
    with pytest.raises(TokenRefused) as refused:
        await (readers or Readers()).reader.principal(text)
    return str(refused.value)


@pytest.mark.parametrize("name", ["rsa-1", "ec-1", "ed-1"])
async def test_a_good_token_says_who_asks(name: str) -> None:
    readers = Readers(Issuer([public_jwk("rsa-1"), public_jwk("ec-1"), public_jwk("ed-1")]))
    found = await readers.reader.principal(token(name))
    assert found == Principal("oidc:u-1", grants=(Grant(Role.TRAINING_OFFICER, "500103"),), client="oidc:u-1")


@pytest.mark.parametrize(
    ("roles", "grants"),
    [
        (None, ()),
        ([], ()),
        (["ADMIN"], (Grant(Role.ADMIN),)),
        (["TEACHER:500103", "TEACHER:500103"], (Grant(Role.TEACHER, "500103"),)),
        ([{"role": "ANALYST", "region": "510000"}], (Grant(Role.ANALYST, "510000"),)),
        ([{"role": "ANALYST", "region": None}, {"role": "PARTNER"}], (Grant(Role.ANALYST), Grant(Role.PARTNER))),
    ],
)
async def test_roles_within_regions_are_read_from_the_claim(roles: Any, grants: tuple[Grant, ...]) -> None:
    assert (await Readers().reader.principal(token(shanhai_roles=roles))).grants == grants


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("ADMIN", "no list"),
        ({"role": "ADMIN"}, "no list"),
        (["ADMIN"] * 51, "at most 50"),
        (["admin"], "there is no role 'admin'"),
        (["SUPERUSER"], "there is no role 'SUPERUSER'"),
        (["ADMIN:"], "there is no region ''"),
        (["ADMIN:500"], "there is no region '500'"),
        (["ADMIN:500103 "], "there is no region"),
        ([7], "neither text"),
        ([{"region": "500103"}], "neither text"),
        ([{"role": "ADMIN", "region": 500103}], "neither text"),
        ([{"role": "ADMIN", "area": "500103"}], "neither text"),
        ([["ADMIN"]], "neither text"),
    ],
)
async def test_a_role_or_region_that_there_is_not_refuses_the_whole_token(roles: Any, said: str) -> None:
    assert said in await refusal(token(shanhai_roles=roles))


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        (None, frozenset(Scope)),
        ("", frozenset(Scope)),
        ("openid profile", frozenset(Scope)),
        ("openid shanhai:read", frozenset({Scope.READ})),
        ("shanhai:write", frozenset({Scope.WRITE})),
        ("shanhai:write shanhai:read", frozenset(Scope)),
    ],
)
async def test_scopes_of_ours_narrow_what_a_token_is_good_for(scope: str | None, scopes: frozenset[Scope]) -> None:
    assert (await Readers().reader.principal(token(scope=scope))).scopes == scopes


async def test_a_teacher_is_found_by_the_callers_port_and_one_who_is_not_known_is_nobody() -> None:
    readers = Readers(teachers={"chongqing:T-1": "9a1b"})
    assert (await readers.reader.principal(token(shanhai_teacher="chongqing:T-1"))).teacher == "9a1b"
    assert (await readers.reader.principal(token(shanhai_teacher="chongqing:T-2"))).teacher is None
    assert (await readers.reader.principal(token())).teacher is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": f"{ISSUER}/"}, "another issuer"),
        ({"iss": None}, "lacks one of"),
        ({"aud": "other"}, "meant for somebody else"),
        ({"aud": ["other", "another"]}, "meant for somebody else"),
        ({"aud": None}, "lacks one of"),
        ({"exp": None}, "lacks one of"),
        ({"sub": None}, "lacks one of"),
        ({"sub": 7}, "cannot be verified"),
        ({"sub": " "}, "the `sub`"),
        ({"sub": "a\nb"}, "the `sub`"),
        ({"sub": "a\x00b"}, "the `sub`"),
        ({"sub": "x" * 191}, "the `sub`"),
        ({"exp": "soon"}, "no time in seconds"),
        ({"exp": True}, "no time in seconds"),
        ({"exp": float("nan")}, "no time in seconds"),
        ({"exp": float("inf")}, "no time in seconds"),
        ({"exp": 10**400}, "no time in seconds"),
        ({"exp": at(-LEEWAY.total_seconds())}, "has expired"),
        ({"nbf": at(LEEWAY.total_seconds() + 1)}, "not valid yet: its `nbf`"),
        ({"nbf": []}, "no time in seconds"),
        ({"iat": at(LEEWAY.total_seconds() + 1)}, "not valid yet: its `iat`"),
        ({"scope": ["shanhai:read"]}, "the `scope`"),
        ({"shanhai_teacher": 7}, "the `shanhai_teacher`"),
        ({"shanhai_teacher": ""}, "the `shanhai_teacher`"),
    ],
)
async def test_a_claim_that_is_not_right_refuses_the_token(changes: dict[str, Any], said: str) -> None:
    assert said in await refusal(token(**changes))


async def test_clocks_may_be_apart_by_the_leeway() -> None:
    leeway = LEEWAY.total_seconds()
    good = token(exp=at(1 - leeway), nbf=at(leeway), iat=at(leeway))
    assert (await Readers().reader.principal(good)).name == "oidc:u-1"
    several = token(aud=["other", AUDIENCE])
    assert (await Readers().reader.principal(several)).name == "oidc:u-1"


async def test_a_token_expires_while_the_clock_goes_on() -> None:
    readers, good = Readers(), token()
    await readers.reader.principal(good)
    readers.clock.now += timedelta(minutes=6)
    assert await refusal(good, readers) == "the token has expired"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, 7, ["RS256"], {}])
async def test_a_token_without_a_signature_is_refused_before_any_key_is_sought(algorithm: Any) -> None:
    readers = Readers()
    for signature in ("", "x"):
        text = f"{encoded({'alg': algorithm, 'kid': 'rsa-1'})}.{encoded(claims())}.{signature}"
        await refusal(text, readers)
    assert readers.issuer.asked == []


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_a_public_key_is_no_secret_to_sign_with(algorithm: str) -> None:
    public = private_key("rsa-1").public_key()
    secrets = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(public_jwk("rsa-1")).encode(),
        public_jwk("rsa-1")["n"].encode(),
        b"",
    ]
    readers = Readers()
    for secret in secrets:
        signed = f"{encoded({'alg': algorithm, 'kid': 'rsa-1', 'typ': 'JWT'})}.{encoded(claims())}"
        mac = hmac.digest(secret, signed.encode(), getattr(hashlib, f"sha{algorithm[2:]}"))
        text = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        assert "the `alg` of the token must be one of RS256, ES256, EdDSA" in await refusal(text, readers)
    assert readers.issuer.asked == []


@pytest.mark.parametrize(
    "algorithms",
    [("none",), ("RS256", "HS256"), ("HS512",), ("rs256",), ("",), (), ("ES256K",), ("RSA-OAEP",)],
)
def test_unsafe_algorithms_are_refused_when_they_are_set(algorithms: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="SHANHAI_OIDC_ALGORITHMS"):
        TokenRules(ISSUER, AUDIENCE, algorithms)


async def test_an_algorithm_that_is_not_listed_is_refused_though_the_key_would_fit() -> None:
    assert "must be one of ES256" in await refusal(token("rsa-1"), Readers(algorithms=("ES256",)))
    pss = jwt.encode(claims(), private_key("rsa-1"), algorithm="PS256", headers={"kid": "rsa-1"})
    assert "must be one of" in await refusal(pss)


@pytest.mark.parametrize(
    "key",
    [
        public_jwk("ec-1", kid="rsa-1"),
        public_jwk("ed-1", kid="rsa-1"),
        public_jwk("rsa-1", alg="RS512"),
        public_jwk("rsa-1", use="enc"),
        public_jwk("rsa-1", key_ops=["encrypt"]),
        public_jwk("rsa-1", key_ops="verify"),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "rsa-1"},
        {"kid": "rsa-1"},
    ],
)
async def test_a_key_that_does_not_fit_the_algorithm_verifies_nothing(key: dict[str, Any]) -> None:
    assert "no key of this `kid` for this `alg`" in await refusal(token("rsa-1"), Readers(Issuer([key])))


@pytest.mark.parametrize(
    "key",
    [
        public_jwk("rsa-2", kid="rsa-1"),
        {**public_jwk("rsa-1"), "n": "AQAB"},
        {**public_jwk("rsa-1"), "n": 7},
        {"kty": "RSA", "kid": "rsa-1"},
    ],
)
async def test_another_or_a_broken_key_verifies_nothing(key: dict[str, Any]) -> None:
    assert await refusal(token("rsa-1"), Readers(Issuer([key]))) == "the token cannot be verified"


async def test_a_key_that_is_too_short_verifies_nothing() -> None:
    private = private_key("weak-1")
    header = encoded({"alg": "RS256", "kid": "weak-1"})
    signed = f"{header}.{encoded(claims())}"
    signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(signed.encode(), private)
    text = f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert await refusal(text, Readers(Issuer([public_jwk("weak-1")]))) == "the token cannot be verified"


@pytest.mark.parametrize("kid", [None, "", 7, ["rsa-1"]])
async def test_a_token_must_name_its_key(kid: Any) -> None:
    header = {"alg": "RS256"} if kid is None else {"alg": "RS256", "kid": kid}
    readers = Readers()
    await refusal(by_hand(header, claims()), readers)
    assert readers.issuer.asked == []


async def test_a_changed_token_is_refused() -> None:
    header, payload, signature = token().split(".")
    forged = encoded(claims(shanhai_roles=["ADMIN"]))
    assert await refusal(f"{header}.{forged}.{signature}") == "the token cannot be verified"
    other = encoded({"alg": "RS256", "kid": "rsa-1", "jku": "https://evil.example"})
    assert await refusal(f"{other}.{payload}.{signature}") == "the token cannot be verified"


async def test_keys_inside_a_token_are_not_believed() -> None:
    readers = Readers()
    text = token(
        "rsa-2", {"kid": "rsa-1", "jwk": public_jwk("rsa-2"), "jku": "https://evil.example", "x5u": "https://e"}
    )
    assert await refusal(text, readers) == "the token cannot be verified"
    assert readers.issuer.asked == ["https://sso.example/keys"]


async def test_a_critical_extension_that_nobody_knows_refuses_the_token() -> None:
    assert await refusal(token("rsa-1", {"crit": ["exp2"], "exp2": 1}))


async def test_what_is_too_long_or_no_token_is_refused_before_any_key_is_sought() -> None:
    readers = Readers()
    assert "at most 8192 bytes" in await refusal(token(padding="x" * LONGEST_TOKEN), readers)
    nested = "[" * 3_000
    deep = base64.urlsafe_b64encode(nested.encode()).rstrip(b"=").decode()
    for text in ("", "a", "a.b", "a.b.c", "a.b.c.d", "..", "é.é.é", f"{deep}.{deep}.x", f" {token()}"):
        await refusal(text, readers)
    assert readers.issuer.asked == []
    header = token().partition(".")[0]
    assert await refusal(f"{header}.{deep}.eHh4", readers) in (
        "the token cannot be verified",
        "the token cannot be read",
    )


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
async def test_no_garbage_is_anything_but_refused(header: bytes, payload: bytes, signature: bytes) -> None:
    parts = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, payload, signature))
    await refusal(".".join(parts))
