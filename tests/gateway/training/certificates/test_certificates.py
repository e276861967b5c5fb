"""Certificates verify with what is published alone, and stop doing so when they are revoked or touched."""

import asyncio
import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jsonschema import Draft202012Validator
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from sqlalchemy import Connection, func, select, update

from gateway.errors import Erased, InvalidInput, StateImpossible
from gateway.storage import Database
from gateway.training.certificates import (
    Issuer,
    KeyRing,
    Published,
    revoke,
    revoke_for_record,
)
from gateway.training.credit.posting import Posting
from gateway.training.views import VerificationView
from schema.credit import CapScope
from tests.gateway.training.certificates.certified import (
    CERTIFICATES,
    ISSUER,
    NEW,
    OLD,
    RECORDS,
    RING,
    certified,
    checked,
    issued,
    key_set,
    payload_of,
    signed_by,
    text_of,
)
from tests.gateway.training.certificates.credential_schema import CREDENTIAL, PROFILE
from tests.gateway.training.reads import put, stock
from tests.gateway.training.rule import cap, rule
from tests.gateway.training.stored import NOON, TITLE, Resources


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
    assert await checked(database, old) == VerificationView(False, "it was revoked on 2026-11-01", ISSUER.id, "r")
    new = await text_of(database, await issued(database))
    assert (await checked(database, new)).valid


async def test_where_the_award_is_taken_back_the_certificate_falls_with_it(database: Database) -> None:
    text = await certified(database)

    def reject(connection: Connection) -> None:
        connection.execute(update(RECORDS).values(state="REJECTED"))
        Posting(Resources(), samples=True).post(connection, NOON, ["yz"])

    await database.transact(reject)
    view = await checked(database, text)
    assert (view.valid, view.reason, view.record) == (False, "it was revoked on 2026-11-01", "r")
    listed = await Published(database, RING, ISSUER).revocations()
    assert listed == {
        "id": "https://shanhai.example/credentials/revocations",
        "issuer": ISSUER.id,
        "revokedCredential": [{"id": payload_of(text)["id"], "revoked": True}],
    }


async def test_a_certificate_whose_hours_a_cap_cuts_later_is_listed_as_revoked(database: Database) -> None:
    await stock(database, [rule("cq", caps=[cap(CapScope.YEAR, 10)])])
    await put(database, ("r", "yz", {}), ("other", "yz2", {}))
    text, kept = [await text_of(database, await issued(database, record)) for record in ("r", "other")]
    published = Published(database, RING, ISSUER)
    assert (await published.revocations())["revokedCredential"] == []
    await put(database, ("earlier", "yz", {"title": "更早", "starts_on": date(2026, 2, 1), "ends_on": None}))
    assert await checked(database, text) == VerificationView(False, "it was revoked on 2026-11-01", ISSUER.id, "r")
    assert (await checked(database, kept)).valid
    assert (await published.revocations())["revokedCredential"] == [{"id": payload_of(text)["id"], "revoked": True}]
    async with database.reading() as connection:
        (row,) = await connection.execute(select(CERTIFICATES).where(CERTIFICATES.c.revoked_at.is_not(None)))
    assert (row.record_id, row.revoked_by) == ("r", "posting")
    assert row.revoked_reason == "the hours that it states were taken back"
    new = payload_of(await text_of(database, await issued(database)))
    assert new["credentialSubject"]["creditsEarned"] == 2


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
    assert len((await Published(database, RING, ISSUER).revocations())["revokedCredential"]) == 1
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
