"""A raw record becomes an accepted record, a rejected one or a native id the platform says is gone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from connectors.extraction import Expression, compile_expression, truthy
from connectors.manifest.fields import Words, compile_fields
from connectors.manifest.notes import Notes
from connectors.manifest.rules import FieldRule
from connectors.protocols.readers import plain
from connectors.records import Accepted, Checkpoint, Rejected, Unmapped
from connectors.shapes import Shape
from connectors.transport import Redactor
from schema.findings import Finding
from schema.records import Record
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.validation import validate
from schema.values import NativeId

RAW_BYTES = 64 * 1024
SHORTEST_BLOTTED = 4
SHORTEST_REFUSED = 16
"""Characters of a secret that no accepted record may hold; shorter ones, such as user names, may be there by chance."""
M = TypeVar("M", ResourceRecord, TrainingReport)


class SkippedRecords:
    """The rows of a failure table that speak of single records."""

    def __init__(self, rows: Iterable[tuple[str, str | None]] = ()) -> None:
        self._rows = [
            (compile_expression(record), compile_expression(message) if message else None) for record, message in rows
        ]

    def finding(self, raw: Any) -> Finding | None:
        """Why this record is to be skipped, None where it is not."""
        if not self._rows:
            return None
        record = plain(raw)
        for predicate, message in self._rows:
            if truthy(predicate(record)):
                said = message(record) if message else None
                return Finding("record.skipped", f"the platform says: {said}" if said else "skipped by `failures`")
        return None


class RecordMapper(Generic[M]):
    """The `fields:` and `deleted:` of a section for records that have ids of their own, compiled."""

    def __init__(
        self,
        record: type[M],
        fields: Mapping[str, FieldRule],
        words: Words,
        *,
        deleted: Sequence[str] = (),
        skipped: SkippedRecords | None = None,
    ) -> None:
        self._record: type[M] = record
        self._language = words.language
        self._fields = compile_fields(fields, words, record)
        self._native_id = compile_fields({"nativeId": fields["nativeId"]}, words, record)
        self._deleted: list[Expression] = [words.language.compile(path) for path in deleted]
        self._skipped = skipped or SkippedRecords()

    def map(self, raw: Any, secrets: Iterable[str] = ()) -> Accepted[M] | Rejected | str:
        """Map one record; never raises. Text is the native id of a record that is deleted."""
        if not self._language.is_record(raw):
            return rejection(None, (_NOT_A_RECORD,), self._language.text(raw), secrets)
        try:
            checksum = self._language.digest(raw)
        except TypeError:
            shallow = {name: value for name, value in raw.items() if not isinstance(value, dict | list)}
            return self._rejected(shallow, (_TOO_DEEP,), secrets)
        skipped = self._skipped.finding(raw)
        if skipped is not None:
            return self._rejected(raw, [skipped], secrets)
        if self.says_deleted(raw):
            native_id = self.identify(raw)
            if native_id is not None:
                return native_id
        notes = Notes()
        values = self._fields(raw, notes)
        record = validate(self._record, values)
        if isinstance(record, tuple):
            return self._rejected(raw, without_repetition(notes.findings, record), secrets)
        if notes.findings:
            return self._rejected(raw, notes.findings, secrets)
        if tells(record, secrets):
            return self._rejected(raw, (_TELLS_A_SECRET,), secrets)
        return Accepted(record, checksum, record.updated_at, told(notes.unmapped, secrets))

    def says_deleted(self, raw: Any) -> bool:
        """Whether the platform says of this record that it is gone."""
        for predicate in self._deleted:  # noqa: SIM110  # as fast as it can be, for every record is asked
            if truthy(predicate(raw)):
                return True
        return False

    def identify(self, raw: Any) -> str | None:
        """The native id of a record, None where it has none that can be kept."""
        found = self._native_id(raw, Notes()).get("nativeId")
        return kept_id(found) if isinstance(found, str | int) else None

    def raw_text(self, raw: Any, secrets: Iterable[str] = ()) -> str:
        """What the platform sent, at most 64 KB, with secrets blotted out."""
        return blotted(self._language.text(raw), secrets)

    def _rejected(self, raw: Any, findings: Iterable[Finding], secrets: Iterable[str]) -> Rejected:
        return rejection(self.identify(raw), findings, self._language.text(raw), secrets)


def without_repetition(read: Sequence[Finding], validated: Iterable[Finding]) -> list[Finding]:
    """Both kinds of findings: a value that could not be read is missing afterwards; its own finding says why."""
    named = {finding.code.partition(".")[0] for finding in read}
    return [*read, *(finding for finding in validated if finding.code.partition(".")[0] not in named)]


def blotted(text: str, secrets: Iterable[str] = ()) -> str:
    """Text as it may be kept: at most 64 KB, without secrets."""
    return _redactor(secrets).text(text).encode(errors="replace")[:RAW_BYTES].decode(errors="ignore")


def rejection(native_id: str | None, findings: Iterable[Finding], raw: str, secrets: Iterable[str]) -> Rejected:
    """A rejected record as it may be kept and shown: no secret stands in any of its parts."""
    redactor = _redactor(secrets)
    return Rejected(
        redactor.text(native_id) if native_id is not None else None,
        tuple(
            replace(
                finding,
                message=redactor.text(finding.message),
                found=None if finding.found is None else redactor.text(finding.found),
            )
            for finding in findings
        ),
        blotted(raw, secrets),
    )


def told(unmapped: Iterable[Unmapped], secrets: Iterable[str]) -> tuple[Unmapped, ...]:
    """Unmapped values as they may be shown."""
    return tuple(Unmapped(one.field, blotted(one.value, secrets)) for one in unmapped)


def safe_shape(shape: Shape, secrets: Iterable[str]) -> Shape:
    """A shape as it may be kept: no secret stands in the name of a field."""
    redactor = _redactor(secrets)
    return Shape(shape.records, {redactor.text(path): kinds for path, kinds in shape.paths.items()})


def kept_id(found: str | int) -> str | None:
    """A native id as text, None where it cannot be one: empty, too long, with control characters."""
    try:
        return _NATIVE_ID.validate_python(str(found))
    except ValidationError:
        return None


def _redactor(secrets: Iterable[str]) -> Redactor:
    return Redactor(secret for secret in secrets if len(secret) >= SHORTEST_BLOTTED)


def tells(record: Record, secrets: Iterable[str]) -> bool:
    """Whether a record repeats one of the secrets, in any spelling."""
    telling = [secret for secret in secrets if len(secret) >= SHORTEST_REFUSED]
    if not telling:
        return False
    redactor, text = Redactor(telling), record.to_json().decode()
    # a platform may itself send what it was sent as JSON in a text
    return redactor.knows(text) or redactor.knows(text.replace("\\\\", "\\").replace('\\"', '"'))


def kept_position(checkpoint: Checkpoint | None, secrets: Iterable[str]) -> Checkpoint | None:
    """A checkpoint as it may be kept: an address of the platform may repeat the key that asked for it.

    The credential puts its own value in again, so that a listing goes on from there. Shorter secrets are left alone:
    they may stand in a token by chance, which would then be broken.
    """
    if checkpoint is None:
        return None
    redactor = Redactor(secret for secret in secrets if len(secret) >= SHORTEST_REFUSED)
    return {
        name: redactor.without_known(value) if isinstance(value, str) else value for name, value in checkpoint.items()
    }


_NATIVE_ID: TypeAdapter[str] = TypeAdapter(NativeId)
_TELLS_A_SECRET = Finding("record.skipped", "the record repeats a secret that is used to ask for it")
_TOO_DEEP = Finding("record.tooDeep", "the record is nested more than 250 levels deep")
_NOT_A_RECORD = Finding("record.notAnObject", "a record is an object", expected="a JSON object or an XML element")
