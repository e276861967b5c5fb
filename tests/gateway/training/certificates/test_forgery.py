"""What was touched, made up or signed otherwise is never valid, and is told so without an error."""

import base64

import orjson
import pytest

from gateway.storage import Database
from gateway.training.certificates.credentials import sign
from tests.gateway.training.certificates.certified import OLD, certified, checked, payload_of


async def test_every_touched_character_is_found(database: Database) -> None:
    text = await certified(database)
    header, payload, signature = text.split(".")
    for place in range(0, len(payload), 97):
        other = "A" if payload[place] != "A" else "B"
        touched = f"{header}.{payload[:place]}{other}{payload[place + 1 :]}.{signature}"
        view = await checked(database, touched)
        assert (view.valid, view.record, view.issuer) == (False, None, None)
    more = {**payload_of(text), "credentialSubject": {**payload_of(text)["credentialSubject"], "creditsEarned": 800}}
    body = base64.urlsafe_b64encode(orjson.dumps(more)).rstrip(b"=").decode()
    view = await checked(database, f"{header}.{body}.{signature}")
    assert view.reason == "the signature does not fit: it was changed after it was issued"


async def test_what_our_key_signed_but_we_never_issued_is_not_valid(database: Database) -> None:
    said = payload_of(await certified(database))
    for changed in (
        {**said, "jti": "https://shanhai.example/credentials/" + "0" * 32},
        {**said, "jti": "https://shanhai.example/credentials/x"},
        {**said, "jti": None},
        {**said, "name": "另一个"},
    ):
        view = await checked(database, sign({name: value for name, value in changed.items() if value}, OLD))
        assert (view.valid, view.record) == (False, None)
    foreign = await checked(database, sign({**said, "iss": "https://other.example", "jti": "urn:uuid:1"}, OLD))
    assert foreign.reason is not None
    assert foreign.reason.startswith("signed with a key of this gateway, but issued by 'https://other.example'")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "..", "{}", "é.é.é", "A" * 20_001, "eyJhbGciOiJub25lIn0.e30."])
async def test_text_that_is_no_credential_is_told_so(database: Database, text: str) -> None:
    view = await checked(database, text)
    assert (view.valid, view.issuer, view.record) == (False, None, None)
    assert view.reason


async def test_no_other_algorithm_is_accepted_whatever_the_header_says(database: Database) -> None:
    text = await certified(database)
    _, payload, signature = text.split(".")
    for algorithm in ("none", "HS256", "ES256"):
        head = orjson.dumps({"alg": algorithm, "kid": OLD.id, "typ": "JWT"})
        header = base64.urlsafe_b64encode(head).rstrip(b"=").decode()
        assert not (await checked(database, f"{header}.{payload}.{signature}")).valid
