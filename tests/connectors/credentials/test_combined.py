"""Several proofs in one request, and a certificate for the connection."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.components import discovered
from connectors.credentials import CredentialConfig
from connectors.errors import ManifestError
from connectors.transport import ClientCertificate
from connectors.transport.urls import query_pairs
from tests.connectors.credentials.platforms import REQUEST, SPECS, Clock, Issuer, built

MUTUAL = {"kind": "mutualTls", "certificate": "pem", "key": "pemKey"}
KEY = {"kind": "apiKey", "in": "query", "name": "k", "secret": "key"}
HMAC = {"kind": "hmac", "secret": "key"}
OAUTH = {"kind": "oauth2", "tokenUrl": "/token", "clientId": "app", "clientSecret": "key"}
SECRETS = {"pem": "CERTIFICATE", "pemKey": "PRIVATE", "key": "k3y-value", "app": "4pp-id"}


def test_the_kinds_are_found_by_name() -> None:
    assert {
        word: kind.__name__ for word, kind in discovered("connectors.credentials", CredentialConfig, "kind").items()
    } == {
        "apiKey": "ApiKeySpec",
        "basic": "BasicSpec",
        "bearer": "BearerSpec",
        "combined": "CombinedSpec",
        "hmac": "HmacSpec",
        "mutualTls": "MutualTlsSpec",
        "none": "NoCredentialSpec",
        "oauth2": "OAuth2Spec",
        "session": "SessionSpec",
    }


def test_the_json_schema_tells_the_kinds_apart_and_a_combination_holds_them() -> None:
    schema = SPECS.json_schema()
    assert schema["discriminator"]["propertyName"] == "kind"
    members = schema["$defs"]["CombinedSpec"]["properties"]["of"]["items"]
    assert members["discriminator"] == schema["discriminator"]


async def test_mutual_tls_changes_no_request_and_shows_a_certificate() -> None:
    spec = SPECS.validate_python(MUTUAL)
    issuer = Issuer()
    assert await spec.build(SECRETS, Clock().now).authorize(REQUEST, issuer) is REQUEST
    assert issuer.asked == []
    assert spec.certificate(SECRETS) == ClientCertificate("CERTIFICATE", "PRIVATE")
    assert "PRIVATE" not in repr(spec.certificate(SECRETS))


@pytest.mark.parametrize(("name", "pointer"), [("pem", "/certificate"), ("pemKey", "/key")])
def test_a_missing_half_of_a_certificate_is_named(name: str, pointer: str) -> None:
    secrets = {other: value for other, value in SECRETS.items() if other != name}
    with pytest.raises(ManifestError, match=f"the secret '{name}' is not set") as caught:
        SPECS.validate_python(MUTUAL).build(secrets, Clock().now)
    assert [finding.pointer for finding in caught.value.findings] == [pointer]


@pytest.mark.parametrize("spec", [KEY, HMAC, OAUTH, {"kind": "none"}])
def test_other_kinds_show_no_certificate(spec: dict[str, Any]) -> None:
    assert SPECS.validate_python(spec).certificate(SECRETS) is None


async def test_every_member_proves_itself_and_the_signature_covers_the_others() -> None:
    spec = SPECS.validate_python({"kind": "combined", "of": [MUTUAL, KEY, HMAC]})
    assert spec.certificate(SECRETS) == ClientCertificate("CERTIFICATE", "PRIVATE")
    request = await spec.build(SECRETS, Clock().now).authorize(REQUEST, Issuer())
    assert [name for name, _ in query_pairs(request.url)] == ["b", "a", "k", "timestamp", "nonce", "sign"]
    assert request.renew is not None
    again = request.renew(request)
    first, second = dict(query_pairs(request.url)), dict(query_pairs(again.url))
    assert (first["k"], second["k"]) == ("k3y-value", "k3y-value")
    assert first["sign"] != second["sign"]


async def test_a_refusal_reaches_every_member() -> None:
    issuer = Issuer()
    credential = built(None, SECRETS, kind="combined", of=[KEY, OAUTH])
    refused = await credential.authorize(REQUEST, issuer)
    credential.invalidate(refused)
    assert (await credential.authorize(REQUEST, issuer)).headers["Authorization"] == "Bearer t0ken-2"
    assert list(credential.known_secrets()) == ["k3y-value", "t0ken-1", "t0ken-2"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([HMAC, KEY], "hmac comes last"),
        ([KEY, {"kind": "combined", "of": [KEY, OAUTH]}], "stands in no other"),
        ([MUTUAL, MUTUAL], "one certificate"),
        ([KEY], "at least 2"),
        ([KEY, {"kind": "sesion"}], "does not match any of the expected tags"),
    ],
)
def test_combinations_that_cannot_work_are_refused(members: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SPECS.validate_python({"kind": "combined", "of": members})


def test_a_combination_is_written_as_it_was_read() -> None:
    written = {"kind": "combined", "of": [MUTUAL, KEY]}
    spec = SPECS.validate_python(written)
    adapter: TypeAdapter[Any] = SPECS
    assert adapter.dump_python(spec, by_alias=True, exclude_unset=True, mode="json") == written
