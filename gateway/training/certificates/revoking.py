"""Revoking certificates: by an operator, and where the record they certify or its award changed or fell."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from gateway.errors import InvalidInput, StateImpossible
from gateway.storage.tables import CertificateRow
from gateway.training.credit.loading import portions
from gateway.training.texts import check_reason

_CERTIFICATES = CertificateRow.metadata.tables["certificates"]


def revoke_for_record(connection: Connection, now: datetime, record_id: str, by: str, reason: str) -> int:
    """Revoke what is in force of one record, within the transaction that changes it; answers how many there were."""
    return revoke_for_records(connection, now, [record_id], by, reason)


def revoke_for_records(connection: Connection, now: datetime, records: Collection[str], by: str, reason: str) -> int:
    """The same of many records."""
    done = 0
    for some in portions(records):
        standing = _CERTIFICATES.c.record_id.in_(some), _CERTIFICATES.c.revoked_at.is_(None)
        revoked = {"revoked_at": now, "revoked_by": by, "revoked_reason": reason}
        done += connection.execute(update(_CERTIFICATES).where(*standing).values(revoked)).rowcount
    return done


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
