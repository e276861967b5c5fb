"""The way to an issuer: its settings, and its keys fetched through the guarded transport."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.transport import EgressPolicy
from gateway.application.tokens import identity_keys, open_authenticator, token_rules
from gateway.errors import InvalidInput, NotReady
from gateway.identity import Grant, Role
from gateway.settings import Settings
from gateway.storage import Database
from tests.gateway.access.issuer import AUDIENCE, Clock, public_jwk, token
from tests.journeys.river import on_loopback


def settings_of(folder: Path, issuer: str, **more: Any) -> Settings:
    return Settings(data_dir=folder, oidc_issuer=issuer, oidc_audience=AUDIENCE, **more)


def issuer_app(jwks: Response | None = None) -> Starlette:
    """An issuer that describes itself by the address it is asked at."""

    async def discovery(request: Request) -> Response:
        here = str(request.base_url).rstrip("/")
        return JSONResponse({"issuer": here, "jwks_uri": f"{here}/keys"})

    async def keys(_request: Request) -> Response:
        return jwks or JSONResponse({"keys": [public_jwk("rsa-1")]})

    return Starlette(routes=[Route("/.well-known/openid-configuration", discovery), Route("/keys", keys)])


async def test_a_token_is_verified_with_keys_from_the_issuers_own_address(tmp_path: Path, database: Database) -> None:
    async with on_loopback(issuer_app()) as address:
        settings = settings_of(tmp_path, address)
        keys = identity_keys(settings)
        async with open_authenticator(settings, database, keys, EgressPolicy(), Clock()) as authenticator:
            admitted = await authenticator.admit(f"Bearer {token(iss=address)}", None)
    assert admitted.principal.grants == (Grant(Role.TRAINING_OFFICER, "500103"),)
    assert admitted.headers["RateLimit-Policy"] == '"minute";q=1200;w=60'


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=500),
        RedirectResponse("http://169.254.169.254/latest"),
        Response(b" " * 300_000),
        Response(b"<html>", media_type="text/html"),
    ],
)
async def test_an_issuer_that_answers_no_keys_is_not_ready(
    answer: Response, tmp_path: Path, database: Database
) -> None:
    async with on_loopback(issuer_app(answer)) as address:
        settings = settings_of(tmp_path, address)
        keys = identity_keys(settings)
        async with open_authenticator(settings, database, keys, EgressPolicy(), Clock()) as authenticator:
            with pytest.raises(NotReady):
                await authenticator.admit(f"Bearer {token(iss=address)}", None)


def test_half_an_issuer_is_refused_and_none_is_none(tmp_path: Path) -> None:
    assert token_rules(Settings(data_dir=tmp_path)) is None
    with pytest.raises(InvalidInput, match="SHANHAI_OIDC_AUDIENCE"):
        token_rules(Settings(data_dir=tmp_path, oidc_issuer="https://sso.example"))
    with pytest.raises(InvalidInput, match="SHANHAI_OIDC_ALGORITHMS"):
        token_rules(settings_of(tmp_path, "https://sso.example", oidc_algorithms=("HS256",)))


def test_the_identity_key_is_the_same_for_processes_of_one_data_directory(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert identity_keys(settings).hex("teacher", "p", "1") == identity_keys(settings).hex("teacher", "p", "1")
    chosen = Settings(data_dir=tmp_path, identity_key="a secret of sixteen or more")
    assert identity_keys(chosen).hex("teacher", "p", "1") != identity_keys(settings).hex("teacher", "p", "1")
