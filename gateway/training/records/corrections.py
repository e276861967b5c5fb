"""What a platform's newer report does to a stored record: it is corrected, moves on, comes back, or stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.training.credit.claims import DEAD
from gateway.training.records.contents import Content
from schema.training import RecordState

REPORTED, CORRECTED = "平台报送", "平台更正"
MOVED_ON, LISTED_AGAIN, WITHDRAWN = "平台更新状态", "平台重新列出", "平台不再列出，记录撤销"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A report as it would be stored; `digest` is of its content and of whose it is."""

    native_id: str
    account_id: str
    content: Content
    digest: str
    state: RecordState
    version: int
    unmapped: str
    modified_upstream_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """What to change of a row; without a note nothing that anybody sees, so that there is no event."""

    values: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None


def compare(row: Row[Any], new: Incoming, stood: RecordState | None = None) -> Change:
    """What a report changes of the row of its record.

    A lower version of the platform's than the stored one changes nothing. A decision made here stands until the
    platform changes the content, also where it leaves the record out for a while: `stood` is the state that was decided
    on before it did. But what the platform rejects or revokes is never alive here.
    """
    if new.version < row.reported_version and row.withdrawn_at is None:
        return Change()
    said = {
        "reported_state": new.state,
        "reported_version": new.version,
        "unmapped": new.unmapped,
        "modified_upstream_at": new.modified_upstream_at,
    }
    whole = {**said, **new.content, "account_id": new.account_id, "digest": new.digest}
    follows = {"state": new.state, "decided": False}
    if row.withdrawn_at is not None:
        changed = whole if row.digest != new.digest else said
        stands = changed is said and stood is not None and not _ends(stood, new.state)
        state = {"state": stood, "decided": True} if stands else follows
        return Change({**changed, **state, "withdrawn_at": None}, LISTED_AGAIN)
    if row.digest != new.digest:
        return Change({**whole, **follows}, CORRECTED)
    if new.state != row.state and _prevails(row, new.state):
        return Change({**said, **follows}, MOVED_ON)
    return Change({name: value for name, value in said.items() if getattr(row, name) != value})


def _prevails(row: Row[Any], said: RecordState) -> bool:
    """Whether a state that the platform tells of the same content takes the place of the one that holds here."""
    return not row.decided or _ends(row.state, said)


def _ends(decided: str, said: RecordState) -> bool:
    """Whether a state that the platform tells ends one that was decided on here."""
    return said in DEAD and decided != RecordState.REVOKED
