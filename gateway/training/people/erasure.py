"""Erasing a person: what names them is emptied, and the ledger stays sound by ids of ours."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from gateway.errors import Erased, InvalidInput
from gateway.keyed import KeyedHash
from gateway.storage import LEDGER, reserve_numbers
from gateway.storage.tables import (
    CertificateRow,
    CreditRecognitionRow,
    TeacherAccountRow,
    TeacherLinkRow,
    TeacherRow,
    TrainingRecordRow,
    TrainingVersionRow,
)
from gateway.training.credit.loading import portions
from gateway.training.records.auditing import Log, done
from gateway.training.records.versions import update_records
from gateway.training.texts import check_reason

_TEACHERS = TeacherRow.metadata.tables["teachers"]
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_LINKS = TeacherLinkRow.metadata.tables["teacher_links"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]
_VERSIONS = TrainingVersionRow.metadata.tables["training_versions"]
_CERTIFICATES = CertificateRow.metadata.tables["certificates"]
_DECISIONS = CreditRecognitionRow.metadata.tables["credit_recognitions"]


class Erasing:
    """Erases persons within the caller's write transaction, and audits it there."""

    def __init__(self, log: Log, keys: KeyedHash) -> None:
        self._log, self._keys = log, keys

    def erase(self, connection: Connection, now: datetime, teacher_id: str, reason: str, by: str) -> int:
        """Empty a person's accounts, records, versions, notes and certificates; returns how many records there were.

        What stays: ids of ours, days, kinds, quantities and every line of the ledger, and the keyed hashes by which a
        harvest does not bring anything back. Raises InvalidInput for an id of no teacher or no reason, and Erased.
        """
        reserve_numbers(connection, LEDGER, 0)
        why = check_reason("reason", reason)
        teacher = connection.execute(select(_TEACHERS).where(_TEACHERS.c.id == teacher_id)).one_or_none()
        if teacher is None:
            raise InvalidInput(f"{teacher_id[:100]!r} is not the id of a teacher, which has 32 hexadecimal digits")
        if teacher.erased_at is not None:
            raise Erased(f"teacher {teacher_id} was erased on {teacher.erased_at:%Y-%m-%d} already")
        of_person = _ACCOUNTS.c.teacher_id == teacher_id
        accounts = connection.execute(select(_ACCOUNTS.c.id, _ACCOUNTS.c.origin_id).where(of_person)).all()
        if not accounts:
            raise InvalidInput(f"teacher {teacher_id} has no account any more; erase the person it was linked to")
        records = self._erase_records(connection, now, [account.id for account in accounts])
        emptied = {"native_id": None, "name": None, "school": None, "tier": None, "pseudonym": None}
        connection.execute(update(_ACCOUNTS).where(of_person).values(**emptied, updated_at=now, erased_at=now))
        for some in portions(account.id for account in accounts):
            of_links = update(_LINKS).where(_LINKS.c.account_id.in_(some))
            connection.execute(of_links.values(note=None, undone_reason=None))
        for some in portions([teacher_id, *(account.origin_id for account in accounts)]):
            connection.execute(update(_TEACHERS).where(_TEACHERS.c.id.in_(some)).values(erased_at=now))
        detail = {"accounts": len(accounts), "records": records, "reason": why}
        self._log.append(connection, now, done("eraseTeacher", by, [teacher_id], detail))
        return records

    def _erase_records(self, connection: Connection, now: datetime, accounts: list[str]) -> int:
        rows: list[Any] = []
        columns = (_RECORDS.c.id, _RECORDS.c.platform, _RECORDS.c.native_id)
        for some in portions(accounts):
            rows += connection.execute(select(*columns).where(_RECORDS.c.account_id.in_(some))).all()
        emptied: dict[str, Any] = {
            "title": None,
            "activity_id": None,
            "issuer": None,
            "evidence": "[]",
            "unmapped": "[]",
        }
        emptied |= {"digest": "", "updated_at": now, "erased_at": now}
        changed = [{"id": row.id, "native_id": self._tombstone(row), **emptied} for row in rows]
        update_records(connection, changed)
        for some in portions(row.id for row in rows):
            of_records = update(_VERSIONS).where(_VERSIONS.c.record_id.in_(some))
            connection.execute(of_records.values(content=None, note=None))
            decided = update(_DECISIONS).where(_DECISIONS.c.record_id.in_(some))
            connection.execute(decided.values(note=None))
            _end_certificates(connection, now, some)
        return len(rows)

    def _tombstone(self, row: Any) -> str:
        """By what a harvest knows a record again; one that was entered has an id of ours."""
        return row.native_id if row.platform == "" else self._keys.hex("record", row.platform, row.native_id)


def _end_certificates(connection: Connection, now: datetime, records: list[str]) -> None:
    """Empty certificates, and revoke those in force: nobody can stand by them any more."""
    theirs = _CERTIFICATES.c.record_id.in_(records)
    ended = {"revoked_at": now, "revoked_by": "erasure", "revoked_reason": "the person was erased"}
    connection.execute(update(_CERTIFICATES).where(theirs, _CERTIFICATES.c.revoked_at.is_(None)).values(ended))
    connection.execute(update(_CERTIFICATES).where(theirs).values(credential=None))
