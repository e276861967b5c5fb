"""Credentials of a request: who they say is asking, and how everything else is refused."""

import inspect
from dataclasses import dataclass, field

import pytest

from gateway.access import authentication, key_store
from gateway.access.authentication import Credentials, InvalidPurpose, Unauthenticated, stated_purpose
from gateway.access.keys import Caller, KeyFault, new_key
from gateway.access.tokens import TokenRefused
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Principal, Purpose

ADMIN_KEY = "correct-horse-battery"
KNOWN = Principal("a key", client="shk_x")
TOKEN = Principal("oidc:u-1", client="oidc:u-1")


@dataclass
class Keys:
    """Knows one key, and notes what it is asked for."""

    text: str = field(default_factory=new_key)
    fault: KeyFault | None = None
    asked: list[str] = field(default_factory=list)

    async def find(self, text: str) -> Caller | KeyFault:
        self.asked.append(text)
        return self.fault or (Caller(KNOWN, 7) if text == self.text else KeyFault.UNKNOWN)


@dataclass
class Tokens:
    """Knows one token."""

    asked: list[str] = field(default_factory=list)

    async def principal(self, token: str) -> Principal:
        self.asked.append(token)
        if token != "a.b.c":
            raise TokenRefused("the token has expired")
        return TOKEN


async def test_each_kind_of_credentials_says_who_asks() -> None:
    keys, tokens = Keys(), Tokens()
    credentials = Credentials(ADMIN_KEY, keys, tokens)
    assert await credentials.caller(None) == Caller(ANONYMOUS)
    assert await credentials.caller(f"Bearer {ADMIN_KEY}") == Caller(ADMINISTRATOR)
    assert await credentials.caller(f"bearer  {keys.text} ") == Caller(KNOWN, 7)
    assert await credentials.caller("BEARER a.b.c") == Caller(TOKEN)
    assert (keys.asked, tokens.asked) == ([keys.text], ["a.b.c"])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", ADMIN_KEY, "Bearer\tx", "Digest x", "é é"])
async def test_what_is_no_bearer_is_refused_before_anybody_is_asked(header: str) -> None:
    keys, tokens = Keys(), Tokens()
    with pytest.raises(Unauthenticated, match="Authorization: Bearer"):
        await Credentials(ADMIN_KEY, keys, tokens).caller(header)
    assert (keys.asked, tokens.asked) == ([], [])


async def test_unknown_credentials_are_refused_in_words_that_repeat_nothing_of_them() -> None:
    keys = Keys()
    for credentials in (Credentials(ADMIN_KEY, keys), Credentials(None, keys), Credentials(None)):
        for text in ("planted-secret", f"{ADMIN_KEY}x", "None", new_key(), "a.b.c"):
            with pytest.raises(Unauthenticated) as refused:
                await credentials.caller(f"Bearer {text}")
            assert str(refused.value) == "this key is not known; reading needs no key"


@pytest.mark.parametrize(
    ("fault", "said"), [(KeyFault.UNKNOWN, "not known"), (KeyFault.EXPIRED, "expired"), (KeyFault.REVOKED, "revoked")]
)
async def test_a_key_that_opens_nothing_is_refused_and_never_taken_for_a_token(fault: KeyFault, said: str) -> None:
    tokens = Tokens()
    with pytest.raises(Unauthenticated, match=said):
        await Credentials(None, Keys(fault=fault), tokens).caller(f"Bearer {new_key()}")
    assert tokens.asked == []


async def test_the_reason_of_a_refused_token_is_told() -> None:
    with pytest.raises(Unauthenticated, match="the token has expired"):
        await Credentials(None, Keys(), Tokens()).caller("Bearer x.y.z")


async def test_what_is_too_long_is_refused_before_anybody_is_asked() -> None:
    keys, tokens = Keys(), Tokens()
    for text in ("shk_" + "a" * 8_189, "x" * 1_000_000):
        with pytest.raises(Unauthenticated, match="at most 8192 bytes"):
            await Credentials(ADMIN_KEY, keys, tokens).caller(f"Bearer {text}")
    assert (keys.asked, tokens.asked) == ([], [])


def test_secrets_are_compared_in_constant_time_only() -> None:
    for module in (authentication, key_store):
        source = inspect.getsource(module)
        assert source.count("hmac.compare_digest(") == 1
        assert "digest ==" not in source
        assert "== digest" not in source


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_stated_purpose_is_read(purpose: Purpose) -> None:
    assert stated_purpose(f" {purpose.value} ") is purpose


@pytest.mark.parametrize("header", [None, "", "  "])
def test_no_purpose_is_none(header: str | None) -> None:
    assert stated_purpose(header) is None


@pytest.mark.parametrize("header", ["audit", "AUDIT, COMPLAINT", "MARKETING", "é"])
def test_an_unknown_purpose_is_refused_with_those_that_there_are(header: str) -> None:
    with pytest.raises(InvalidPurpose) as refused:
        stated_purpose(header)
    for purpose in Purpose:
        assert purpose.value in str(refused.value)
