"""What a run of training has met so far, and what it has not: by ids within the transaction of a page."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select

from connectors.records import Rejected
from gateway.storage.tables import HarvestSeen, TrainingRecordRow
from gateway.training.credit.loading import portions

MOST_TOKENS = 10_000
"""Words of broken rows of one page that are looked up."""
PORTION = 500
"""Records that are withdrawn in one go."""
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]
_WORD = re.compile(r"[^\s,;|\"'<>{}\[\]()=]+")


@dataclass(slots=True)
class Met:
    """Ids that a run has met; what is added is written at the end of the page."""

    run_id: str
    known: set[str]
    added: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, connection: Connection, run_id: str, ids: Collection[str]) -> "Met":
        """Which of some ids a run has met before."""
        return cls(run_id, _met(connection, run_id, ids))

    def add(self, identifier: str) -> bool:
        """Note an id; whether the run meets it for the first time."""
        if identifier in self.known:
            return False
        self.known.add(identifier)
        self.added.append(identifier)
        return True

    def write(self, connection: Connection) -> None:
        """Keep what was added."""
        new = set(self.added) - _met(connection, self.run_id, self.added)
        if new:
            connection.execute(insert(_SEEN), [{"run_id": self.run_id, "native_id": each} for each in sorted(new)])


def records_named(connection: Connection, platform: str, native_ids: Collection[str]) -> dict[str, Row[Any]]:
    """Rows of a platform's records by native id."""
    found: dict[str, Row[Any]] = {}
    for some in portions(native_ids):
        query = select(_RECORDS).where(_RECORDS.c.platform == platform, _RECORDS.c.native_id.in_(some))
        found.update((row.native_id, row) for row in connection.execute(query))
    return found


def standing_in(connection: Connection, platform: str, rejects: Iterable[Rejected]) -> list[str]:
    """Ids of stored records that stand in rejects: a broken row is no sign that its record is gone."""
    words: dict[str, None] = {}
    for rejected in rejects:
        named = [rejected.native_id] if rejected.native_id is not None else _WORD.findall(rejected.raw)
        words.update(dict.fromkeys(named))
    return list(records_named(connection, platform, list(words)[:MOST_TOKENS]))


def count_unmet(connection: Connection, platform: str, run_id: str) -> tuple[int, int]:
    """How many live records of a platform a run has not met, and how many live ones there are."""
    counted = select(func.count()).select_from(_RECORDS).where(*_live(platform))
    unmet: int = connection.execute(counted.where(_unmet(run_id))).scalar_one()
    live: int = connection.execute(counted).scalar_one()
    return unmet, live


def some_unmet(connection: Connection, platform: str, run_id: str, most: int = PORTION) -> Sequence[Row[Any]]:
    """At most so many of the live records of a platform that a run has not met, in the order of ids."""
    query = select(_RECORDS).where(*_live(platform), _unmet(run_id))
    return connection.execute(query.order_by(_RECORDS.c.id).limit(most)).all()


def _live(platform: str) -> tuple[ColumnElement[bool], ...]:
    return _RECORDS.c.platform == platform, _RECORDS.c.withdrawn_at.is_(None), _RECORDS.c.erased_at.is_(None)


def _unmet(run_id: str) -> ColumnElement[bool]:
    return ~exists().where(_SEEN.c.run_id == run_id, _SEEN.c.native_id == _RECORDS.c.native_id)


def _met(connection: Connection, run_id: str, ids: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in portions(ids):
        query = select(_SEEN.c.native_id).where(_SEEN.c.run_id == run_id, _SEEN.c.native_id.in_(some))
        found.update(connection.execute(query).scalars())
    return found
