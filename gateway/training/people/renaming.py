"""Putting right what a platform tells of a teacher: name and school of an account."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from gateway.errors import Erased, InvalidInput
from gateway.storage import LEDGER, reserve_numbers
from gateway.storage.tables import TeacherAccountRow
from gateway.training.records.auditing import Log, done
from gateway.training.records.contents import organization
from schema.national_ids import has_national_id
from schema.parts import Organization
from schema.people import OrganizationKind

LONGEST = 200
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]


def rename(
    connection: Connection, now: datetime, log: Log, account_id: str, *, name: str | None, school: str | None, by: str
) -> str:
    """Set name or school of an account and return its teacher; it stands until the platform reports something new.

    Raises InvalidInput for an id of no account, for nothing to set and for unusable text, and Erased.
    """
    given = {field: text.strip() for field, text in (("name", name), ("school", school)) if text is not None}
    if not given:
        raise InvalidInput("say what is right: --name, --school or both")
    for field, text in given.items():
        if not 0 < len(text) <= LONGEST or not text.isprintable() or has_national_id(text):
            raise InvalidInput(f"{field}: 1 to {LONGEST} characters without line breaks and national ids are due")
    reserve_numbers(connection, LEDGER, 0)  # before the account, as everybody who changes accounts takes turns
    found = connection.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).with_for_update()).one_or_none()
    if found is None:
        raise InvalidInput(f"{account_id[:100]!r} is not the id of an account, which has 32 hexadecimal digits")
    if found.erased_at is not None:
        raise Erased(f"account {account_id} was erased at the request of the person")
    values = dict(given)
    if "school" in given:
        kept = Organization.model_validate_json(found.school) if found.school else None
        kind = kept.kind if kept else OrganizationKind.SCHOOL
        region = kept.region if kept else None
        values["school"] = organization(Organization(name=given["school"], kind=kind, region=region)) or ""
    connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account_id).values(**values, updated_at=now))
    detail = {"account": account_id, "set": sorted(given)}
    log.append(connection, now, done("renameTeacher", by, [found.teacher_id], detail))
    return str(found.teacher_id)
