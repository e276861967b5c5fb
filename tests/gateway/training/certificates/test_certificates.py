"""Certificates verify with what is published alone, and stop doing so when they are revoked or touched."""

import asyncio
import base64
import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet
from jsonschema import Draft202012Validator
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from sqlalchemy import Connection, func, select, update

from gateway.errors import Erased, InvalidInput, StateImpossible
from gateway.storage import Database
from gateway.storage.tables import CertificateRow, TrainingRecordRow
from gateway.training.certificates import (
    Issuer,
    KeyRing,
    Published,
    SigningKey,
    issue,
    revoke,
    revoke_for_record,
    verify,
)
from gateway.training.certificates.credentials import sign
from gateway.training.credit.posting import Posting
from gateway.training.views import VerificationView
from tests.gateway.training.certificates.credential_schema import CREDENTIAL, PROFILE
from tests.gateway.training.reads import ask, put, stock
from tests.gateway.training.stored import NOON, TITLE, Resources

OLD, NEW = SigningKey(b"\1" * 32), SigningKey(b"\2" * 32)
RING = KeyRing((OLD,))
ISSUER = Issuer("https://shanhai.example", 7)
CERTIFICATES = CertificateRow.metadata.tables["certificates"]
RECORDS = TrainingRecordRow.metadata.tables["training_records"]


async def issued(database: Database, record: str = "r", keys: KeyRing = RING, issuer: Issuer = ISSUER) -> str:
    """The id of the certificate of a record."""
    return await database.transact(lambda connection: issue(connection, NOON, record, "officer", keys, issuer))


async def text_of(database: Database, certificate: str) -> str:
    """The credential."""
    async with database.reading() as connection:
        wanted = select(CERTIFICATES.c.credential).where(CERTIFICATES.c.id == certificate)
        return str((await connection.execute(wanted)).scalar_one())


async def checked(database: Database, text: str, keys: KeyRing = RING) -> VerificationView:
    """What a check finds."""
    view: VerificationView = await ask(database, verify, text, keys, ISSUER)
    return view


async def certified(database: Database, **fields: Any) -> str:
    """A credential of a record of 8 hours."""
    await stock(database)
    await put(database, ("r", "yz", fields))
    return await text_of(database, await issued(database))


def key_set(published: Published) -> KeySet:
    """The published keys as another library reads them."""
    keys: Any = published.jwks()
    return KeySet.import_key_set(keys)


def signed_by(keys: KeySet, text: str) -> jws.CompactSignature:
    """What another library reads after it checked the signature; it warns of the name that the format prescribes."""
    with pytest.warns(SecurityWarning, match="EdDSA is deprecated"):
        return jws.deserialize_compact(text, keys, algorithms=["EdDSA"])


def payload_of(text: str) -> dict[str, Any]:
    """The payload, unchecked."""
    part = text.split(".")[1]
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def test_a_credential_verifies_with_the_published_keys_alone(database: Database) -> None:
    text = await certified(database)
    published = Published(database, RING, ISSUER)
    found = signed_by(key_set(published), text)
    assert orjson.loads(found.payload) == payload_of(text)
    assert found.headers()["kid"] == OLD.id
    assert await checked(database, f" {text}\n") == VerificationView(True, None, ISSUER.id, "r")


async def test_a_credential_is_accepted_by_another_library_and_fits_the_format(database: Database) -> None:
    text = await certified(database, ends_on=None)
    public = OLD.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    read = OB3Verifier(public).verify(text)
    assert (read.achievement.name, read.issuer.id, read.credits_earned) == (TITLE, ISSUER.id, 8.0)
    other = NEW.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(OB3VerificationError):
        OB3Verifier(other).verify(text)
    Draft202012Validator(CREDENTIAL).validate(payload_of(text))
    Draft202012Validator(PROFILE).validate(Published(database, RING, ISSUER).profile())


async def test_a_credential_says_what_was_done_and_not_by_whom(database: Database) -> None:
    text = await certified(database, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 2), quantity=Decimal("7.5"))
    said = payload_of(text)
    subject = said["credentialSubject"]
    assert said["id"].startswith("https://shanhai.example/credentials/")
    assert (said["jti"], said["iss"], said["sub"]) == (said["id"], said["issuer"]["id"], subject["id"])
    assert datetime.fromtimestamp(said["nbf"], UTC) == datetime.fromisoformat(said["validFrom"]) == NOON
    assert (subject["activityStartDate"], subject["activityEndDate"]) == (
        "2026-03-01T00:00:00+08:00", "2026-03-02T00:00:00+08:00",
    )  # fmt: skip
    assert (subject["creditsEarned"], subject["role"]) == (7.5, "PARTICIPANT")
    assert subject["achievement"]["criteria"]["narrative"] == "按学时认定规则 cq@1 认定 7.5 学时。"
    assert said["credentialStatus"] == {
        "id": "https://shanhai.example/credentials/revocations", "type": "1EdTechRevocationList",
    }  # fmt: skip
    identity = subject["identifier"][0]
    hashed = hashlib.sha256(f"yz{identity['salt']}".encode()).hexdigest()
    assert (identity["hashed"], identity["identityHash"]) == (True, f"sha256${hashed}")
    plain = orjson.dumps(said).decode()
    assert not any(secret in plain for secret in ("教师甲", "native-yz", '"yz"', "人民路"))


async def test_without_an_address_the_issuer_is_named_by_its_database(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {}))
    nameless = Issuer(None, 7)
    said = payload_of(await text_of(database, await issued(database, issuer=nameless)))
    assert said["issuer"] == {"id": nameless.id, "type": ["Profile"], "name": "山海 Shanhai"}
    assert said["iss"].startswith("urn:uuid:")
    assert Issuer(None, 8).id != nameless.id
    assert "credentialStatus" not in said
    Draft202012Validator(CREDENTIAL).validate(said)


async def test_what_was_issued_under_another_address_stays_valid(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {}))
    before = Issuer("https://before.example", 7)
    certificate = await issued(database, issuer=before)
    view = await checked(database, await text_of(database, certificate))
    assert (view.valid, view.issuer) == (True, before.id)
    await database.transact(lambda connection: revoke(connection, NOON, certificate, "x", "doubled"))
    listed = await Published(database, RING, ISSUER).revocations()
    assert listed["revokedCredential"] == [{"id": f"https://before.example/credentials/{certificate}", "revoked": True}]


async def test_issuing_again_returns_the_same_one_also_at_once(database: Database) -> None:
    await stock(database)
    await put(database, ("r", "yz", {}))
    found = await asyncio.gather(*(issued(database) for _ in range(6)))
    assert len(set(found)) == 1
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(CERTIFICATES))).scalar_one() == 1


async def test_a_new_version_gets_a_new_one_and_the_old_one_falls(database: Database) -> None:
    old = await certified(database)

    def correct(connection: Connection) -> None:
        connection.execute(update(RECORDS).values(version=2, quantity=Decimal(6)))
        Posting(Resources(), samples=True).post(connection, NOON, ["yz"])

    await database.transact(correct)
    assert (
        await checked(database, old)
    ).reason == "the hours it states are not in force any more; a new one can be issued"
    new = await text_of(database, await issued(database))
    assert (await checked(database, new)).valid
    assert await checked(database, old) == VerificationView(False, "it was revoked on 2026-11-01", ISSUER.id, "r")


async def test_where_the_award_is_taken_back_the_certificate_falls_with_it(database: Database) -> None:
    text = await certified(database)

    def reject(connection: Connection) -> None:
        connection.execute(update(RECORDS).values(state="REJECTED"))
        Posting(Resources(), samples=True).post(connection, NOON, ["yz"])

    await database.transact(reject)
    view = await checked(database, text)
    assert (view.valid, view.reason, view.record) == (False, "the hours it states are not in force any more", "r")
    listed = await Published(database, RING, ISSUER).revocations()
    assert listed == {
        "id": "https://shanhai.example/credentials/revocations",
        "issuer": ISSUER.id,
        "revokedCredential": [{"id": payload_of(text)["id"], "revoked": True}],
    }


@pytest.mark.parametrize("fields", [{"state": "REPORTED"}, {"state": "REVOKED"}, {"outcome": "FAILED"}])
async def test_only_recognized_records_with_hours_are_certified(database: Database, fields: dict[str, str]) -> None:
    await stock(database)
    await put(database, ("r", "yz", fields))
    with pytest.raises(StateImpossible, match="only recognized records with hours in force are certified; of r"):
        await issued(database)
    with pytest.raises(InvalidInput, match="'unknown' is not the id of a training record"):
        await issued(database, "unknown")
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(CERTIFICATES))).scalar_one() == 0


async def test_an_erased_record_is_not_certified_and_its_certificate_no_longer_vouched_for(database: Database) -> None:
    text = await certified(database)

    def erase(connection: Connection) -> None:
        connection.execute(update(RECORDS).values(erased_at=NOON, title=None))
        connection.execute(update(CERTIFICATES).values(credential=None))

    await database.transact(erase)
    view = await checked(database, text)
    assert (view.valid, view.record) == (False, None)
    assert view.reason == "what it certified was erased at the request of the person"
    with pytest.raises(Erased):
        await issued(database)


async def test_a_revoked_certificate_is_invalid_and_stays_revoked(database: Database) -> None:
    text = await certified(database)
    certificate = await issued(database)
    for why in ("", " ", "x" * 501):
        with pytest.raises(InvalidInput, match="reason: "):
            await database.transact(partial(revoke, now=NOON, certificate_id=certificate, by="x", reason=why))
    assert (await checked(database, text)).valid
    assert await database.transact(lambda connection: revoke(connection, NOON, certificate, "x", "doubled")) == "r"
    assert await checked(database, text) == VerificationView(False, "it was revoked on 2026-11-01", ISSUER.id, "r")
    with pytest.raises(StateImpossible, match="was revoked on 2026-11-01 already"):
        await database.transact(lambda connection: revoke(connection, NOON, certificate, "x", "again"))
    with pytest.raises(InvalidInput, match="'x' is not the id of a certificate"):
        await database.transact(lambda connection: revoke(connection, NOON, "x", "x", "why"))
    assert await database.transact(lambda connection: revoke_for_record(connection, NOON, "r", "x", "why")) == 0
    assert await issued(database) != certificate


async def test_a_key_that_was_rotated_away_still_verifies(database: Database) -> None:
    text = await certified(database)
    rotated = KeyRing((NEW, OLD))
    assert (await checked(database, text, rotated)).valid
    keys = key_set(Published(database, rotated, ISSUER))
    assert signed_by(keys, text).payload
    await put(database, ("other", "yz2", {"title": "别的"}))
    new = await text_of(database, await issued(database, "other", rotated))
    assert (await checked(database, new, rotated)).valid
    unknown = await checked(database, text, KeyRing((NEW,)))
    assert unknown == VerificationView(False, "it is signed with a key that this gateway has not published", None, None)


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
