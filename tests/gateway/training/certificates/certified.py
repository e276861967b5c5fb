"""Credentials of a small credit bank, issued and read back by tests."""

import base64
from typing import Any

import orjson
import pytest
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet
from sqlalchemy import select

from gateway.storage import Database
from gateway.storage.tables import CertificateRow, TrainingRecordRow
from gateway.training.certificates import (
    Issuer,
    KeyRing,
    Published,
    SigningKey,
    issue,
    verify,
)
from gateway.training.views import VerificationView
from tests.gateway.training.reads import ask, put, stock
from tests.gateway.training.stored import NOON

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
