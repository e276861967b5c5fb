"""A raw record becomes an accepted record, a rejected one or a native id the platform says is gone."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from connectors.extraction import Expression, compile_expression, truthy
from connectors.manifest.fields import compile_fields
from connectors.manifest.model import HarvestSpec
from connectors.manifest.notes import Notes
from connectors.manifest.tables import TableSpec
from connectors.records import Accepted, Rejected
from schema.findings import Finding
from schema.resources import ResourceRecord
from schema.validation import validate_resource

RAW_BYTES = 64 * 1024
Outcome = Accepted | Rejected | str
"""Accepted, rejected, or the native id of a deleted record."""


class RecordMapper:
    """The `fields:`, `deleted:` and record failures of a manifest, compiled."""

    def __init__(
        self, spec: HarvestSpec, tables: Mapping[str, TableSpec], skipped: Iterable[tuple[str, str | None]] = ()
    ) -> None:
        self._fields = compile_fields(spec.fields, tables)
        self._native_id = compile_fields({"nativeId": spec.fields["nativeId"]}, tables)
        predicate = spec.deleted if isinstance(spec.deleted, str) else None
        self._deleted: Expression | None = compile_expression(predicate) if predicate else None
        self._skipped = [
            (compile_expression(record), compile_expression(message) if message else None)
            for record, message in skipped
        ]

    def map(self, raw: Any, secrets: Iterable[str] = ()) -> Outcome:
        """Map one record; never raises."""
        if type(raw) is not dict:
            return Rejected(None, (_NOT_AN_OBJECT,), raw_text(raw, secrets))
        try:
            checksum = digest(raw)
        except TypeError:
            shallow = {name: value for name, value in raw.items() if not isinstance(value, dict | list)}
            return self._rejected(shallow, (_TOO_DEEP,), secrets)
        for predicate, message in self._skipped:
            if truthy(predicate(raw)):
                said = message(raw) if message else None
                finding = Finding("record.skipped", f"the platform says: {said}" if said else "skipped by `failures`")
                return self._rejected(raw, [finding], secrets)
        if self._deleted is not None and truthy(self._deleted(raw)):
            native_id = self._identify(raw)
            if native_id is not None:
                return native_id
        notes = Notes()
        values = self._fields(raw, notes)
        record = validate_resource(values)
        if not isinstance(record, ResourceRecord):
            # a value that could not be read is missing afterwards; its own finding says why
            named = {finding.code.partition(".")[0] for finding in notes.findings}
            others = [finding for finding in record if finding.code.partition(".")[0] not in named]
            return self._rejected(raw, [*notes.findings, *others], secrets)
        if notes.findings:
            return self._rejected(raw, notes.findings, secrets)
        return Accepted(record, checksum, record.updated_at, tuple(notes.unmapped))

    def _identify(self, raw: Any) -> str | None:
        found = self._native_id(raw, Notes()).get("nativeId")
        return found if isinstance(found, str) else None

    def _rejected(self, raw: Any, findings: Iterable[Finding], secrets: Iterable[str]) -> Rejected:
        return Rejected(self._identify(raw), tuple(findings), raw_text(raw, secrets))


def digest(raw: Any) -> str:
    """SHA-256 of the record's canonical JSON: keys sorted, no white space; `TypeError` past 250 levels."""
    return hashlib.sha256(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)).hexdigest()


def raw_text(raw: Any, secrets: Iterable[str] = ()) -> str:
    """What the platform sent, as JSON of at most 64 KB, with secrets blotted out."""
    try:
        text = orjson.dumps(raw).decode()
    except TypeError:
        text = f"a {type(raw).__name__} nested too deeply to be kept"
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, "•••")
    return text.encode()[:RAW_BYTES].decode(errors="ignore")


_TOO_DEEP = Finding("record.tooDeep", "the record is nested more than 250 levels deep")
_NOT_AN_OBJECT = Finding("record.notAnObject", "a record is a JSON object", expected="an object")
