"""Headers that manifests may not set, wherever they name one."""

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.credentials.placement import Placement
from connectors.manifest import read_manifest
from connectors.protocols.requests import RequestSpec
from tests.connectors.credentials.platforms import SPECS
from tests.connectors.manifest.manifests import manifest

REFUSED = (
    "Host",
    "content-length",
    "Transfer-Encoding",
    "connection",
    "TE",
    "upgrade",
    "Expect",
    "Proxy-Authorization",
)
LOGIN = {"kind": "session", "login": {"url": "/in"}, "token": {"path": "t"}, "send": {"name": "X-Token"}}
KEY = {"kind": "apiKey", "secret": "key"}
SIGNED = {"kind": "hmac", "secret": "key", "in": "header"}


@pytest.mark.parametrize("name", REFUSED)
def test_a_listing_does_not_say_where_its_request_goes_or_ends(name: str) -> None:
    with pytest.raises(ValidationError, match=f"the header {name} cannot be set: the address and the body say"):
        RequestSpec.model_validate({"path": "/items", "headers": {name: "evil.example"}})


@pytest.mark.parametrize("name", ["host ", "x y", "host:", "a\r\nhost", "名"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="is no name of a header"):
        Placement.model_validate({"in": "header", "name": name})


@pytest.mark.parametrize(
    "spec",
    [
        KEY | {"name": "Host"},
        LOGIN | {"login": {"url": "/in", "headers": {"HOST": "evil.example"}}},
        LOGIN | {"send": {"in": "header", "name": "host"}},
        SIGNED | {"names": {"sign": "Host"}},
        SIGNED | {"constants": {"Host": "evil.example"}},
    ],
)
def test_no_credential_sets_the_host(spec: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"(?i)the header host cannot be set"):
        SPECS.validate_python(spec)


@pytest.mark.parametrize(
    "spec",
    [
        KEY | {"in": "query", "name": "host"},
        LOGIN | {"send": {"in": "query", "name": "host"}},
        SIGNED | {"in": "query", "constants": {"host": "1"}},
        KEY | {"name": "X-Host"},
    ],
)
def test_parameters_and_other_headers_are_named_at_will(spec: dict[str, Any]) -> None:
    assert SPECS.validate_python(spec)


def test_the_finding_of_a_manifest_says_where_and_why() -> None:
    text = manifest().replace("    path: /items\n", "    path: /items\n    headers: {Host: evil.example}\n")
    [finding] = [finding for finding in read_manifest(text).findings if finding.severity == "ERROR"]
    assert finding.pointer == "/harvest/request/headers/Host"
    assert finding.message.startswith("harvest.request.headers.Host: the header Host cannot be set: the address")


def test_a_query_of_graphql_does_not_set_the_host_either() -> None:
    query = "graphql\n  query: '{items {id}}'\n  records: items\n"
    text = manifest().replace("rest\n  request:\n    path: /items\n", query)
    assert [one.message for one in read_manifest(text).findings if one.severity == "ERROR"] == []
    wrong = text.replace("  records: items\n", "  records: items\n  headers: {host: evil.example}\n")
    [finding] = [one for one in read_manifest(wrong).findings if one.severity == "ERROR"]
    assert "the header host cannot be set" in finding.message
