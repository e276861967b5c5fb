"""Records mapped by written code, and by the rules themselves where anything is out of the ordinary."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic

from connectors.extraction import JMESPATH
from connectors.manifest.compiled.learning import Memory
from connectors.manifest.compiled.section import SectionWriter, Unwritable
from connectors.manifest.compiled.unusual import Unusual
from connectors.manifest.fields import Words
from connectors.manifest.mapping import M, RecordMapper, SkippedRecords, tells, told
from connectors.manifest.notes import Notes
from connectors.manifest.rules import FieldRule
from connectors.records import Accepted, Rejected

STEPS_ASIDE = (Unusual, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)


class CompiledMapper(Generic[M]):
    """Maps as a `RecordMapper` does, with the same outcomes.

    JSON records only. The code is written when the first record is mapped. It accepts what is plainly right; all
    else, and with it every rejection, is what the rules make of the record from the start.
    """

    def __init__(
        self,
        record: type[M],
        fields: Mapping[str, FieldRule],
        words: Words,
        *,
        deleted: Sequence[str] = (),
        skipped: SkippedRecords | None = None,
    ) -> None:
        self.rules: RecordMapper[M] = RecordMapper(record, fields, words, deleted=deleted, skipped=skipped)
        self._record: type[M] = record
        self._fields, self._words = fields, words
        self._skipped = skipped or SkippedRecords()
        self._memory: Memory | None = None
        self._read: Callable[[Any, Notes], M] | None = None
        self._plain = words.language is JMESPATH

    def map(self, raw: Any, secrets: Iterable[str] = ()) -> Accepted[M] | Rejected | str:
        """Map one record; never raises. Text is the native id of a record that is deleted."""
        known = secrets if type(secrets) is tuple else tuple(secrets)
        found = self._mapped(raw, known) if self._plain and type(raw) is dict else None
        return self.rules.map(raw, known) if found is None else found

    def says_deleted(self, raw: Any) -> bool:
        """Whether the platform says of this record that it is gone."""
        return self.rules.says_deleted(raw)

    def identify(self, raw: Any) -> str | None:
        """The native id of a record, None where it has none that can be kept."""
        return self.rules.identify(raw)

    def raw_text(self, raw: Any, secrets: Iterable[str] = ()) -> str:
        """What the platform sent, at most 64 KB, with secrets blotted out."""
        return self.rules.raw_text(raw, secrets)

    def _mapped(self, raw: dict[str, Any], secrets: tuple[str, ...]) -> Accepted[M] | str | None:
        """What becomes of a plain record, None for any other."""
        if self._read is None or self._memory is None:
            return self._mapped(raw, secrets) if self._write() else None
        try:
            text = JMESPATH.canonical(raw)
            if self._skipped.finding(raw) is not None:
                return None
            if self.rules.says_deleted(raw):
                return self.rules.identify(raw)
            self._memory.begin(secrets)
            notes = Notes()
            record = self._read(raw, notes)
        except STEPS_ASIDE:
            return None
        watch = self._memory.watch
        if watch.sees(text) or not (watch.certain or not tells(record, secrets)):
            return None
        unmapped = told(notes.unmapped, secrets) if notes.unmapped else ()
        return Accepted(record, hashlib.sha256(text).hexdigest(), record.updated_at, unmapped)

    def _write(self) -> bool:
        """Write the function; whether there can be one."""
        section = SectionWriter(self._words)
        try:
            self._read, self._memory = section.function(self._fields, self._record), section.memory
        except Unwritable:
            self._plain = False
        return self._plain
