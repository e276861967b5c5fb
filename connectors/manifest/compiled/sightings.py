"""Records of a search at first sight: what orders them, read at once; the rest, when one of them is shown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import AwareDatetime

from connectors.extraction import JMESPATH
from connectors.manifest.compiled.learning import Memory
from connectors.manifest.compiled.mapper import STEPS_ASIDE, CompiledMapper
from connectors.manifest.compiled.repeated import RepeatedRecords
from connectors.manifest.compiled.section import SectionWriter, Unwritable
from connectors.manifest.fields import Words
from connectors.manifest.notes import Notes
from connectors.manifest.rules import FieldRule
from connectors.records import Accepted, Rejected
from schema.access import Access
from schema.records import Record
from schema.resources import Award, Count, LongText, NativeId, ResourceRecord, Review, Text, Translation


class ReadOutline(Record):
    """An `Outline` that was read from what a platform sent; each field as `ResourceRecord` has it."""

    native_id: NativeId
    title: Text
    summary: LongText | None = None
    translations: tuple[Translation, ...] = ()
    access: Access = Access.PUBLIC
    review: Review | None = None
    awards: tuple[Award, ...] = ()
    published_at: AwareDatetime | None = None
    use_count: Count | None = None


class Sighted:
    """A `Sighting` of a record that is mapped when somebody wants the whole of it."""

    __slots__ = ("_raw", "_read", "_secrets", "_sight", "outline")

    def __init__(self, outline: ReadOutline, raw: dict[str, Any], secrets: Sequence[str], sight: "Sight") -> None:
        self.outline = outline
        self._raw: dict[str, Any] | None = raw
        self._secrets, self._sight = secrets, sight
        self._read: Accepted | None = None

    def read(self) -> Accepted | None:
        """The whole record; None where it is not valid."""
        if self._raw is not None:
            found = self._sight.map(self._raw, self._secrets)
            self._raw, self._read = None, found if isinstance(found, Accepted) else None
        return self._read


class Sight:
    """Sees the records of a search section, and maps them with `mapper` when they are read.

    Sight is written code too; it sees what the mapper would make of a record, or nothing.
    """

    def __init__(self, mapper: CompiledMapper[ResourceRecord], fields: Mapping[str, FieldRule], words: Words) -> None:
        self._is_plain = words.language is JMESPATH
        repeated = RepeatedRecords(mapper) if self._is_plain else None
        self.map = repeated.map if repeated else mapper.map
        self._mapper = mapper
        outlined = {info.alias for info in ReadOutline.model_fields.values()}
        self._fields = {name: rule for name, rule in fields.items() if name in outlined}
        self._words = words
        self._memory: Memory | None = None
        self._glance: Callable[[Any, Notes], ReadOutline] | None = None

    def see(self, raw: Any, secrets: Sequence[str]) -> Sighted | Accepted | Rejected | str:
        """The record at first sight; mapped at once, with the outcomes of the mapper, where it is not plain."""
        if type(raw) is not dict or not self._is_plain:
            return self.map(raw, secrets)
        if self._glance is None or self._memory is None:
            self._write()
            return self.see(raw, secrets)
        try:
            if self._mapper.says_deleted(raw):
                return self.map(raw, secrets)
            self._memory.begin(secrets)
            return Sighted(self._glance(raw, Notes()), raw, secrets, self)
        except STEPS_ASIDE:
            return self.map(raw, secrets)

    def _write(self) -> None:
        section = SectionWriter(self._words)
        try:
            self._glance, self._memory = section.function(self._fields, ReadOutline), section.memory
        except Unwritable:
            self._is_plain = False
