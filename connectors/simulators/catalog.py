"""A catalog made on demand from (seed, ordinal): a million records cost no more memory than a thousand."""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from connectors.simulators.draw import Draw

Native = dict[str, Any]

DAY = 86_400_000
START = int(datetime(2020, 2, 10, tzinfo=UTC).timestamp()) * 1000
END = int(datetime(2025, 10, 31, tzinfo=UTC).timestamp()) * 1000
SHORT_EDIT = 3 * DAY
KEPT_RECORDS = 5_000
KEPT_SELECTIONS = 16

DEFECT_EVERY, DEFECT_AT = 211, 100
UNKNOWN_EVERY, UNKNOWN_AT = 173, 51
LATE_EVERY, LATE_AT = 29, 3
DELETED_EVERY, DELETED_AT = 41, 17


@dataclass(frozen=True, slots=True)
class Stamp:
    """Life cycle of a record; instants are epoch milliseconds."""

    created: int
    updated: int
    deleted: bool = False


class Dialect(Protocol):
    """How one platform names and tells its records."""

    def native_id(self, ordinal: int) -> str:
        """The id of a record as its platform writes it."""
        ...

    def ordinal(self, native_id: str) -> int:
        """The ordinal of a native id; ValueError where it is not one."""
        ...

    def render(self, ordinal: int, stamp: Stamp) -> Native:
        """The record as the platform sends it."""
        ...


@dataclass(slots=True)
class Edit:
    """What was changed by hand: native fields to replace, the instant, and whether it was deleted or restored."""

    fields: Native = field(default_factory=dict)
    updated: int = 0
    deleted: bool | None = None


class _Surviving(Sequence[int]):
    """All ordinals below `count` but the few that are gone."""

    def __init__(self, count: int, gone: Sequence[int]) -> None:
        self._count, self._gone = count, gone

    def __len__(self) -> int:
        return self._count - len(self._gone)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        for lost in self._gone:
            if lost > index:
                break
            index += 1
        return index


class Catalog:
    """The records of one simulated platform, in the order in which they were published.

    `tombstones` says whether the platform shows deleted records (then about one in forty is deleted from the start) or
    lets them vanish. Edits, deletions and additions live in small overlays.
    """

    def __init__(
        self, dialect: Dialect, *, seed: int, size: int, now: Callable[[], datetime], tombstones: bool
    ) -> None:
        self.seed, self.size, self.revision, self.changed_at = seed, size, 0, END
        self._dialect, self._now, self._tombstones = dialect, now, tombstones
        self._added = 0
        self._edits: dict[int, Edit] = {}
        self._gone: list[int] = []
        self._records: dict[int, Native] = {}
        self._selections: OrderedDict[object, array[int]] = OrderedDict()

    # what there is

    def ordinals(self, since: int | None = None) -> Sequence[int]:
        """Ordinals of everything listed, or of what was updated at or after `since` (epoch milliseconds)."""
        if since is None:
            count = self.size + self._added
            return _Surviving(count, self._gone) if self._gone else range(count)
        return self._selected(("since", since), lambda: self._changed(since))

    def search(self, key: object, matches: Callable[[Native], bool]) -> Sequence[int]:
        """Ordinals of the records that match and are not deleted; `key` names the predicate, so that pages reuse it."""
        return self._selected(
            ("search", key),
            lambda: (o for o in self.ordinals() if not self.stamp(o).deleted and matches(self.record(o))),
        )

    def record(self, ordinal: int) -> Native:
        """The native record; callers do not change it."""
        known = self._records.get(ordinal)
        if known is None:
            known = self._dialect.render(ordinal, self.stamp(ordinal))
            if ordinal in self._edits:
                known = known | self._edits[ordinal].fields
            if len(self._records) < KEPT_RECORDS and self.size <= KEPT_RECORDS:
                self._records[ordinal] = known
        return known

    def get(self, native_id: str) -> Native:
        """The native record of an id; KeyError where there is none."""
        return self.record(self._known(native_id))

    def native_id(self, ordinal: int) -> str:
        """The id of the record with this ordinal."""
        return self._dialect.native_id(ordinal)

    def stamp(self, ordinal: int) -> Stamp:
        """When the record was created and last updated, and whether it is deleted."""
        made = self._made(ordinal)
        edit = self._edits.get(ordinal)
        if edit is None:
            return made
        return Stamp(made.created, edit.updated, made.deleted if edit.deleted is None else edit.deleted)

    def invalid_ids(self) -> tuple[str, ...]:
        """Native ids of the seeded records that cannot be mapped into a valid resource and were not edited since."""
        return tuple(
            self.native_id(o)
            for o in range(DEFECT_AT, self.size, DEFECT_EVERY)
            if o not in self._edits and o not in self._gone
        )

    def deleted_ids(self) -> tuple[str, ...]:
        """Native ids of everything listed as deleted."""
        marked = set(range(DELETED_AT, self.size, DELETED_EVERY)) | set(self._edits)
        gone = set(self._gone)
        return tuple(self.native_id(o) for o in sorted(marked - gone) if self.stamp(o).deleted)

    # what can be changed

    def update(self, native_id: str, **fields: Any) -> None:
        """Replace native fields of a record; its update time becomes the present."""
        ordinal = self._known(native_id)
        edit = self._edits.setdefault(ordinal, Edit())
        edit.fields |= fields
        self._touch(ordinal, edit)

    def delete(self, native_id: str) -> None:
        """Delete a record: it is marked where the platform shows deletions and vanishes where it does not."""
        ordinal = self._known(native_id)
        edit = self._edits.setdefault(ordinal, Edit())
        edit.deleted = True
        if not self._tombstones:
            self._gone.insert(bisect_left(self._gone, ordinal), ordinal)
        self._touch(ordinal, edit)

    def restore(self, native_id: str) -> None:
        """Bring back what `delete` took."""
        ordinal = self._dialect.ordinal(native_id)
        edit = self._edits.get(ordinal)
        if edit is None or not edit.deleted:
            raise KeyError(native_id)
        edit.deleted = False
        self._gone = [lost for lost in self._gone if lost != ordinal]
        self._touch(ordinal, edit)

    def add(self, **fields: Any) -> str:
        """Append a record made like any other, with these native fields replaced; returns its native id."""
        ordinal = self.size + self._added
        self._added += 1
        edit = self._edits.setdefault(ordinal, Edit(dict(fields), deleted=False))
        self._touch(ordinal, edit)
        return self.native_id(ordinal)

    # how it is made

    def _known(self, native_id: str) -> int:
        try:
            ordinal = self._dialect.ordinal(native_id)
        except ValueError:
            raise KeyError(native_id) from None
        if not 0 <= ordinal < self.size + self._added or ordinal in self._gone:
            raise KeyError(native_id)
        return ordinal

    def _touch(self, ordinal: int, edit: Edit) -> None:
        edit.updated = self.changed_at = int(self._now().timestamp() * 1000)
        self._records.pop(ordinal, None)
        self._selections.clear()
        self.revision += 1

    def _made(self, ordinal: int) -> Stamp:
        if ordinal >= self.size:
            updated = self._edits[ordinal].updated
            return Stamp(updated, updated)
        step = (END - START) / self.size
        draw = Draw(self.seed, "time", ordinal)
        created = START + int(step * ordinal) + draw.below(max(1, int(step)))
        deleted = self._tombstones and ordinal % DELETED_EVERY == DELETED_AT and not is_defective(ordinal)
        if deleted or ordinal % LATE_EVERY == LATE_AT:
            updated = created + draw.between(30, 400) * DAY
        else:
            updated = created + (draw.below(SHORT_EDIT) if draw.chance(1, 3) else 0)
        return Stamp(created, min(updated, END), deleted)

    def _changed(self, since: int) -> Iterator[int]:
        """Candidates by arithmetic, then the exact test: the tail of the timeline, late updates and edits."""
        step = (END - START) / self.size
        tail = min(self.size, max(0, int((since - SHORT_EDIT - START) / step) - 1))
        early = set(range(LATE_AT, tail, LATE_EVERY)) | {o for o in self._edits if o < tail}
        if self._tombstones:
            early |= set(range(DELETED_AT, tail, DELETED_EVERY))
        gone = set(self._gone)
        for candidates in (sorted(early), range(tail, self.size + self._added)):
            for ordinal in candidates:
                if ordinal not in gone and self.stamp(ordinal).updated >= since:
                    yield ordinal

    def _selected(self, key: object, make: Callable[[], Iterator[int]]) -> Sequence[int]:
        known = self._selections.get(key)
        if known is None:
            known = self._selections[key] = array("q", make())
            if len(self._selections) > KEPT_SELECTIONS:
                self._selections.popitem(last=False)
        return known


def is_defective(ordinal: int) -> bool:
    """Whether a seeded record is one of those that do not validate."""
    return ordinal % DEFECT_EVERY == DEFECT_AT


def defect(ordinal: int, defects: Sequence[Native]) -> Native:
    """The fields that spoil this record, in turn; empty for a sound one."""
    return defects[ordinal // DEFECT_EVERY % len(defects)] if is_defective(ordinal) else {}


def is_unknown(ordinal: int) -> bool:
    """Whether a record carries a value that no vocabulary knows (it is valid all the same)."""
    return ordinal % UNKNOWN_EVERY == UNKNOWN_AT
