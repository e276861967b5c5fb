"""Values that belong to a training record: where it is proved and what happened to it."""

from datetime import datetime

import strawberry

from gateway.training import views
from schema.training import RecordState


@strawberry.type
class Evidence:
    """Where a record is proved."""

    name: str | None
    url: str | None

    @classmethod
    def of(cls, view: views.EvidenceView) -> "Evidence":
        """The evidence of a record."""
        return cls(name=view.name, url=view.url)


@strawberry.type
class RecordEvent:
    """One event in the life of a record."""

    at: datetime
    by: str | None
    state: RecordState
    version: int
    note: str | None

    @classmethod
    def of(cls, view: views.RecordEventView) -> "RecordEvent":
        """The event of a record's history."""
        return cls(at=view.at, by=view.by, state=view.state, version=view.version, note=view.note)
