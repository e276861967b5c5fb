"""What has been learned of the values that platforms repeat: what they become, and what there is to say of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from connectors.manifest.compiled.kinds import FieldOf
from connectors.manifest.compiled.unusual import Unusual
from connectors.manifest.compiled.watch import Watch
from connectors.manifest.fields import Field, Words, compile_field
from connectors.manifest.notes import ROOM, Notes
from connectors.manifest.rules import FieldRule
from connectors.manifest.targets import Target
from connectors.records import Unmapped

MOST = 16_384
"""What is remembered, of all fields of a section together; then learning begins anew."""
LONGEST = 100
"""Characters of a text that is remembered."""
MOST_ENTRIES = 8
"""Entries of a list that is remembered."""
LONGEST_MADE = 1_000
"""Characters of an outcome that is remembered, as Python writes it."""
ASK = object()
"""Stands for what has not been learned."""
_Learned = tuple[Any, tuple[Unmapped, ...], int]
"""An outcome, what no table knew, and how many characters the transforms wrote."""


class Memory:
    """The tables of one section, and the watch over the secrets of whoever asks."""

    def __init__(self, spoken: Callable[[], bytes]) -> None:
        self.watch = Watch(())
        self._spoken = spoken
        self._secrets: Sequence[str] = ()
        self._tables: list[dict[Any, Any]] = []
        self._count = 0

    def table(self) -> dict[Any, Any]:
        """A new table; it is emptied with the others."""
        self._tables.append({})
        return self._tables[-1]

    def begin(self, secrets: Sequence[str]) -> None:
        """Before a record: forget everything when there is too much of it, or when other secrets are to be kept."""
        if self._count > MOST or secrets != self._secrets:
            for table in self._tables:
                table.clear()
            self._count = 0
            if secrets != self._secrets:
                self._secrets, self.watch = secrets, Watch(secrets, self._spoken())

    def keep(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Remember."""
        table[key] = value
        self._count += 1

    def keep_object(self, table: dict[Any, Any], parts: tuple[Any, ...], made: Any) -> None:
        """Remember what an object has become, by its parts, where these are few and short texts."""
        if len(parts) > MOST_ENTRIES:
            return
        for part in parts:
            if part is not None and (type(part) is not str or len(part) > LONGEST):
                return
        self.keep(table, parts, made)


class Learning:
    """One rule, asked for the outcome of a value of its source. Raises `Unusual`, `ValueError` and `TypeError`.

    `known` holds the outcomes that leave nothing to say, for whoever looks there first.
    """

    def __init__(
        self, rule: FieldRule, target: Target, words: Words, name: str, field: FieldOf, memory: Memory
    ) -> None:
        # the rule without its source: what it makes of a value that was found
        whole = {"path": "@", "alternatives": (), "each": None, "where": None, "template": None}
        self._compile: Callable[[], Field] = lambda: compile_field(rule.model_copy(update=whole), target, words, name)
        self._compiled: Field | None = None
        self._field = field
        self._memory = memory
        self._heard: dict[Any, _Learned] = memory.table()
        self._made: dict[str, Any] = memory.table()
        self.known: dict[Any, Any] = memory.table()

    def of_value(self, value: Any, notes: Notes) -> Any:
        """What a value becomes, None where nothing is left of it."""
        key = _key(value)
        found, silent = self._outcome(key, value, notes)
        if silent and (type(key) is str or (type(key) is tuple and key and type(key[0]) is str)):
            self._memory.keep(self.known, key, found)
        return found

    def _outcome(self, key: Any, value: Any, notes: Notes) -> tuple[Any, bool]:
        """What a value becomes, and whether that is all there is to say."""
        heard = self._heard.get(key) if key is not None else None
        if heard is None:
            heard = self._ask(value)
            if key is not None:
                self._memory.keep(self._heard, key, heard)
        found, unmapped, length = heard
        notes.write(length)
        for one in unmapped:
            notes.unknown(one.field, one.value)
        return found, not unmapped and length <= LONGEST

    def _ask(self, value: Any) -> _Learned:
        """What the rule itself makes of a value."""
        if self._compiled is None:
            self._compiled = self._compile()
        notes = Notes()
        found = self._compiled(value, notes)
        if notes.findings:
            raise Unusual
        return None if found is None else self._checked(found), tuple(notes.unmapped), ROOM - notes.room

    def _checked(self, found: Any) -> Any:
        written = repr(found)
        made = self._made.get(written, ASK)
        if made is not ASK:
            return made
        record = self._field.alone.model_validate({"value": found})
        if self._memory.watch.sees(record.to_json()):
            raise Unusual
        made = record.value  # type: ignore[attr-defined]  # of a model that was made for this field
        if isinstance(made, datetime) and not 1 < made.year < 9999:
            raise Unusual
        if len(written) <= LONGEST_MADE:
            self._memory.keep(self._made, written, made)
        return made


def _key(value: Any) -> Any:
    """What a value is remembered by, None where it is not."""
    if type(value) is str:
        return value if len(value) <= LONGEST else None
    if type(value) in (int, float, bool):
        return type(value), repr(value)
    if type(value) is list and len(value) <= MOST_ENTRIES:
        return tuple(value) if all(type(one) is str and len(one) <= LONGEST for one in value) else None
    return None
