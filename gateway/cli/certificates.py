"""`shanhai certificates`: the keys that sign certificates, and revoking one that should not stand."""

import asyncio
import re
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from gateway.application.credit_bank import open_credit_bank
from gateway.application.training import certificate_keys
from gateway.cli.options import AsJson, DataDir, our_id, read_settings
from gateway.cli.output import console, print_json, print_table
from gateway.errors import InvalidInput
from gateway.personal import AuditEvent, AuditOutcome
from gateway.settings import Settings
from gateway.training.certificates import revoke

BY = "command line"
KIND = "Certificate"
app = typer.Typer(help="Certificates of training records: keys and revocation.", no_args_is_help=True)


@app.command("keys")
def keys_command(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the public keys, as they are published; the first one signs, all of them verify."""
    keys = certificate_keys(_prepared(read_settings(data_dir=data_dir))).all
    if as_json:
        print_json([key.public_jwk for key in keys])
        return
    rows = [(key.id, "signs" if number == 0 else "verifies", key.public_jwk["x"]) for number, key in enumerate(keys)]
    print_table("Keys of certificates", ("id", "use", "public key (Ed25519)"), rows)


@app.command("rotate")
def rotate_command(data_dir: DataDir = None) -> None:
    """Make a new key that signs from now on, also in running processes; what older ones signed still verifies."""
    key = certificate_keys(_prepared(read_settings(data_dir=data_dir))).rotate()
    console.print(f"{key.id} signs from now on", markup=False, highlight=False)


@app.command("revoke")
def revoke_command(
    certificate: Annotated[str, typer.Argument(metavar="CERTIFICATE", help="Its id, as GraphQL shows it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, without names or numbers of people.")],
    data_dir: DataDir = None,
) -> None:
    """Revoke a certificate for good; the record and its hours stay as they are."""
    record = asyncio.run(_revoke(read_settings(data_dir=data_dir), _own_id(certificate), reason))
    console.print(f"the certificate of record {record} is revoked", markup=False, highlight=False)


async def _revoke(settings: Settings, certificate: str, reason: str) -> str:
    async with open_credit_bank(settings) as bank:

        def work(connection: Connection, now: datetime) -> str:
            record = revoke(connection, now, certificate, BY, reason)
            subjects, detail = (f"TrainingRecord:{record}",), {"certificate": certificate}
            event = AuditEvent(BY, None, "revokeCertificate", AuditOutcome.ALLOWED, subjects, detail=detail)
            bank.access.append(connection, now, event)
            return record

        return await bank.do(work)


def _own_id(text: str) -> str:
    """Our own id, also from the one that GraphQL shows and from the id of a credential."""
    plain = text.rsplit("/", 1)[-1].removeprefix("urn:uuid:").replace("-", "")
    return plain if re.fullmatch("[0-9a-f]{32}", plain) else our_id(KIND, text)


def _prepared(settings: Settings) -> Settings:
    """With a data directory in which keys can be made."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"data directory {settings.data_dir}: {error.strerror}") from None
    return settings
