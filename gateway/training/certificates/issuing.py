"""Issuing a certificate: for a recognized record with an award in force, and one for each version of it."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from gateway.errors import Erased, InvalidInput, StateImpossible
from gateway.storage import LEDGER, reserve_numbers
from gateway.storage.tables import CertificateRow, TeacherAccountRow, TrainingRecordRow
from gateway.training.certificates.credentials import Certified, Issuer, credential, sign
from gateway.training.certificates.keys import KeyRing
from gateway.training.certificates.revoking import revoke_for_record
from gateway.training.credit.ledger import awards_in_force
from gateway.training.views import EntryView
from schema.training import RecordState, TrainingKind, TrainingRole

_CERTIFICATES = CertificateRow.metadata.tables["certificates"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
CORRECTED = "a new one was issued"


def issue(connection: Connection, now: datetime, record_id: str, by: str, keys: KeyRing, issuer: Issuer) -> str:
    """The id of the certificate of a record as it stands; where one is in force already, of that one.

    Raises InvalidInput for an unknown record, Erased, and StateImpossible where there is nothing to certify. Call it
    before the audit log is written: the ledger is locked to the end of the transaction, so that two who issue at once
    get one certificate, and no award is taken back between reading and certifying it.
    """
    reserve_numbers(connection, LEDGER, 0)
    row = _record(connection, record_id)
    award = awards_in_force(connection, [record_id]).get(record_id)
    if row.state != RecordState.RECOGNIZED or award is None or award.hours <= 0:
        standing = "no hours are awarded for it" if row.state == RecordState.RECOGNIZED else f"it is {row.state}"
        raise StateImpossible(f"only recognized records with hours in force are certified; of {record_id} {standing}")
    wanted = select(_CERTIFICATES.c.id).where(
        _CERTIFICATES.c.record_id == record_id,
        _CERTIFICATES.c.record_version == row.version,
        _CERTIFICATES.c.revoked_at.is_(None),
    )
    found = connection.execute(wanted).scalar()
    if found is not None:
        return str(found)
    revoke_for_record(connection, now, record_id, by, CORRECTED)
    return _issued(connection, now, row, award, by, keys, issuer)


def _record(connection: Connection, record_id: str) -> Row[Any]:
    """The record with its teacher."""
    wanted = select(_RECORDS, _ACCOUNTS.c.teacher_id).join(_ACCOUNTS, _ACCOUNTS.c.id == _RECORDS.c.account_id)
    row = connection.execute(wanted.where(_RECORDS.c.id == record_id)).first()
    if row is None:
        raise InvalidInput(f"recordId: {record_id[:100]!r} is not the id of a training record")
    if row.erased_at is not None:
        raise Erased(f"record {record_id} was erased at the request of the person; nothing is certified of it")
    return row


def _issued(
    connection: Connection, now: datetime, row: Row[Any], award: EntryView, by: str, keys: KeyRing, issuer: Issuer
) -> str:
    certificate, key = secrets.token_hex(16), keys.all[0]
    said = Certified(
        teacher=row.teacher_id,
        title=row.title or "",
        kind=TrainingKind(row.kind),
        role=TrainingRole(row.role),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        activity_key=row.activity_key,
        award=award,
    )
    signed = sign(credential(issuer, certificate, now, said), key)
    made = {"id": certificate, "record_id": row.id, "record_version": row.version, "key_id": key.id}
    connection.execute(insert(_CERTIFICATES), {**made, "credential": signed, "issued_at": now, "issued_by": by})
    return certificate
