"""Operators see and rotate the keys of certificates, and revoke a certificate with a line in the audit log."""

import asyncio
import base64
from pathlib import Path

import orjson
from sqlalchemy import Connection, select
from typer.testing import CliRunner, Result

from gateway.application import open_database_of
from gateway.cli.program import app
from gateway.errors import InvalidInput, StateImpossible
from gateway.settings import Settings
from gateway.storage import Database
from gateway.storage.tables import AuditRow, CertificateRow
from gateway.training.certificates import Issuer, KeyRing, issue, open_keys
from schema.identifiers import GlobalId
from tests.gateway.training.reads import put, stock
from tests.gateway.training.stored import NOON


def run(data_dir: Path, *words: str, **environment: str) -> Result:
    """One command over a data directory."""
    return CliRunner().invoke(app, ["certificates", *words, "--data-dir", str(data_dir)], env=environment)


def keys_of(data_dir: Path) -> KeyRing:
    """The keys in the data directory."""
    return open_keys(None, data_dir / "certificates.json")


async def certified(data_dir: Path) -> str:
    """The id of a certificate in a new database."""
    async with open_database_of(Settings(data_dir=data_dir)) as database:
        await stock(database)
        await put(database, ("r", "yz", {}))

        def work(connection: Connection) -> str:
            return issue(connection, NOON, "r", "x", keys_of(data_dir), Issuer(None, 1))

        return await database.transact(work)


async def rows(data_dir: Path) -> tuple[list[str | None], list[tuple[str, str, str]]]:
    """Reasons of revocations, and lines of the audit log."""
    certificates = CertificateRow.metadata.tables["certificates"]
    log = AuditRow.metadata.tables["audit_log"]

    async def read(database: Database) -> tuple[list[str | None], list[tuple[str, str, str]]]:
        async with database.reading() as connection:
            reasons = (await connection.execute(select(certificates.c.revoked_reason))).scalars().all()
            lines = await connection.execute(select(log.c.action, log.c.subjects, log.c.principal))
            return list(reasons), [(action, subjects, who) for action, subjects, who in lines]

    async with open_database_of(Settings(data_dir=data_dir)) as database:
        return await read(database)


def test_keys_are_listed_with_the_one_that_signs_first_and_without_secrets(tmp_path: Path) -> None:
    result = run(tmp_path / "new", "keys", "--json")
    (key,) = orjson.loads(result.output)
    assert key == keys_of(tmp_path / "new").all[0].public_jwk
    seed = base64.b64encode(keys_of(tmp_path / "new").all[0].seed).decode()
    table = run(tmp_path / "new", "keys").output
    assert "signs" in table
    assert seed not in table


def test_rotating_makes_a_key_that_signs_and_keeps_the_old_one(tmp_path: Path) -> None:
    old = keys_of(tmp_path).all[0]
    result = run(tmp_path, "rotate")
    new = keys_of(tmp_path).all[0]
    assert (result.exit_code, result.output) == (0, f"{new.id} signs from now on\n")
    assert keys_of(tmp_path).all == (new, old)


def test_keys_of_the_setting_are_listed_and_not_rotated(tmp_path: Path) -> None:
    chosen = base64.b64encode(b"\1" * 32).decode()
    assert len(orjson.loads(run(tmp_path, "keys", "--json", SHANHAI_CERTIFICATE_KEYS=chosen).output)) == 1
    refused = run(tmp_path, "rotate", SHANHAI_CERTIFICATE_KEYS=chosen)
    assert isinstance(refused.exception, InvalidInput)
    assert not (tmp_path / "certificates.json").exists()


def test_a_certificate_is_revoked_with_its_reason_and_an_audit_line(tmp_path: Path) -> None:
    certificate = asyncio.run(certified(tmp_path))
    named = str(GlobalId("Certificate", (certificate,)))
    result = run(tmp_path, "revoke", named, "--reason", "doubled")
    assert (result.exit_code, result.output) == (0, "the certificate of record r is revoked\n")
    expected = (["doubled"], [("revokeCertificate", '["TrainingRecord:r"]', "command line")])
    assert asyncio.run(rows(tmp_path)) == expected
    again = run(tmp_path, "revoke", certificate, "--reason", "again")
    assert isinstance(again.exception, StateImpossible)
    other = run(tmp_path, "revoke", str(GlobalId("Teacher", ("x",))), "--reason", "why")
    assert isinstance(other.exception, InvalidInput)
    assert asyncio.run(rows(tmp_path)) == expected
