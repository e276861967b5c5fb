"""Sharing agreements in the database: read, added, and moved from one state to the next."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from gateway.access.agreements import AgreementDraft, AgreementView, state_on
from gateway.identity import Purpose
from gateway.storage.tables.access import SharingAgreementRow
from schema.credit import AgreementState

_TABLE = SharingAgreementRow.metadata.tables[SharingAgreementRow.__tablename__]
_COLUMNS = _TABLE.c


@dataclass(frozen=True, slots=True)
class StoredAgreement:
    """An agreement with who proposed it, and for which side."""

    view: AgreementView
    proposed_by: str
    proposed_for: str

    @property
    def sides(self) -> tuple[str, str]:
        """Both regions."""
        return self.view.from_region, self.view.to_region

    @property
    def other_side(self) -> str:
        """The region that has to accept it."""
        return self.view.to_region if self.proposed_for == self.view.from_region else self.view.from_region


def add(
    connection: Connection, agreement: str, draft: AgreementDraft, by: str, side: str, now: datetime
) -> StoredAgreement:
    """Keep a new proposal under this id."""
    row = {
        "id": agreement,
        "from_region": draft.from_region,
        "to_region": draft.to_region,
        "purposes": json.dumps(draft.purposes),
        "fields": json.dumps(draft.fields),
        "valid_from": draft.valid_from,
        "valid_to": draft.valid_to,
        "basis": draft.basis,
        "state": AgreementState.PROPOSED.value,
        "proposed_by": by,
        "proposed_for": side,
        "proposed_at": now,
    }
    connection.execute(insert(_TABLE).values(row))
    return StoredAgreement(_view_of(agreement, draft, AgreementState.PROPOSED), by, side)


def found(connection: Connection, ids: Collection[str], day: date) -> dict[str, StoredAgreement]:
    """Those of these ids that there are, as they stand on a day."""
    wanted = [each for each in ids if each.isascii() and each.isprintable()]  # PostgreSQL takes no NUL
    rows = connection.execute(select(_TABLE).where(_COLUMNS.id.in_(wanted)))
    return {row.id: _stored(row, day) for row in rows}


def listed(connection: Connection, regions: Sequence[str] | None, day: date) -> list[AgreementView]:
    """Agreements with one of these regions as a side, newest first, as they stand on a day; None asks for all."""
    statement = select(_TABLE).order_by(_COLUMNS.proposed_at.desc(), _COLUMNS.id)
    if regions is not None:
        statement = statement.where(or_(_COLUMNS.from_region.in_(regions), _COLUMNS.to_region.in_(regions)))
    return [_stored(row, day).view for row in connection.execute(statement)]


def in_force(day: date) -> Select[Any]:
    """The query for agreements that share something on a day; `views` reads its rows."""
    begun = _COLUMNS.valid_from <= day
    goes_on = or_(_COLUMNS.valid_to.is_(None), _COLUMNS.valid_to >= day)
    active = _COLUMNS.state == AgreementState.ACTIVE.value
    return select(_TABLE).where(active, begun, goes_on).order_by(_COLUMNS.id)


def views(rows: Sequence[Row[Any]], day: date) -> list[AgreementView]:
    """Rows of agreements as they stand on a day."""
    return [_stored(row, day).view for row in rows]


def activate(connection: Connection, agreement: str, by: str, now: datetime) -> bool:
    """Put a proposal into force; False where another was faster, and nothing is changed."""
    proposed = (_COLUMNS.id == agreement) & (_COLUMNS.state == AgreementState.PROPOSED.value)
    values = {"state": AgreementState.ACTIVE.value, "accepted_by": by, "accepted_at": now}
    return connection.execute(update(_TABLE).where(proposed).values(values)).rowcount == 1


def end(connection: Connection, agreement: str, by: str, reason: str, now: datetime) -> bool:
    """Revoke an agreement; False where another was faster, and nothing is changed."""
    standing = (_COLUMNS.id == agreement) & (_COLUMNS.state != AgreementState.REVOKED.value)
    values = {
        "state": AgreementState.REVOKED.value,
        "revoked_by": by,
        "revoked_at": now,
        "revoked_reason": reason,
    }
    return connection.execute(update(_TABLE).where(standing).values(values)).rowcount == 1


def _stored(row: Row[Any], day: date) -> StoredAgreement:
    draft = AgreementDraft(
        from_region=row.from_region,
        to_region=row.to_region,
        purposes=tuple(Purpose(each) for each in json.loads(row.purposes)),
        fields=tuple(json.loads(row.fields)),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        basis=row.basis,
    )
    state = state_on(day, AgreementState(row.state), row.valid_to)
    return StoredAgreement(_view_of(row.id, draft, state), row.proposed_by, row.proposed_for)


def _view_of(agreement: str, draft: AgreementDraft, state: AgreementState) -> AgreementView:
    return AgreementView(
        id=agreement,
        from_region=draft.from_region,
        to_region=draft.to_region,
        purposes=draft.purposes,
        fields=draft.fields,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        state=state,
        basis=draft.basis,
    )
