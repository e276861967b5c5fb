"""Revoking certificates: by an operator, and where the record they certify changed or fell."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from gateway.errors import InvalidInput, StateImpossible
from gateway.storage.tables import CertificateRow
from gateway.training.texts import check_reason

_CERTIFICATES = CertificateRow.metadata.tables["certificates"]


def revoke_for_record(connection: Connection, now: datetime, record_id: str, by: str, reason: str) -> int:
    """Revoke what is in force of one record, within the transaction that changes it; answers how many there were."""
    standing = update(_CERTIFICATES).where(_CERTIFICATES.c.record_id == record_id, _CERTIFICATES.c.revoked_at.is_(None))
    done = connection.execute(standing.values(revoked_at=now, revoked_by=by, revoked_reason=reason))
    return done.rowcount


def revoke(connection: Connection, now: datetime, certificate_id: str, by: str, reason: str) -> str:
    """Revoke one certificate; answers the id of its record.

    Raises InvalidInput for an id that is none, or no reason, and StateImpossible where it was revoked before.
    """
    reason = check_reason("reason", reason)
    wanted = select(_CERTIFICATES.c.record_id, _CERTIFICATES.c.revoked_at).where(_CERTIFICATES.c.id == certificate_id)
    found = connection.execute(wanted.with_for_update()).first()
    if found is None:
        raise InvalidInput(f"{certificate_id[:100]!r} is not the id of a certificate, which has 32 hexadecimal digits")
    if found.revoked_at is not None:
        raise StateImpossible(f"certificate {certificate_id} was revoked on {found.revoked_at:%Y-%m-%d} already")
    this = update(_CERTIFICATES).where(_CERTIFICATES.c.id == certificate_id)
    connection.execute(this.values(revoked_at=now, revoked_by=by, revoked_reason=reason))
    return str(found.record_id)
