"""Rows of numbers become usage facts: one for every measure that a row states."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from connectors.manifest.fields import Words, compile_field, compile_fields
from connectors.manifest.mapping import SkippedRecords, rejection, told, without_repetition
from connectors.manifest.notes import Notes
from connectors.manifest.rules import FieldRule
from connectors.manifest.targets import targets
from connectors.records import Accepted, Rejected
from schema.findings import Finding
from schema.usage import UsageFact
from schema.validation import validate

Outcome = Accepted[UsageFact] | Rejected


class UsageMapper:
    """The `fields:` and `measures:` of a usage section, compiled; facts outside the days asked for are left out."""

    def __init__(
        self,
        fields: Mapping[str, FieldRule],
        measures: Mapping[str, FieldRule],
        words: Words,
        skipped: SkippedRecords | None = None,
    ) -> None:
        self._language = words.language
        self._fields = compile_fields(fields, words, UsageFact)
        value = targets(UsageFact)["value"]
        self._measures = {code: compile_field(rule, value, words, code) for code, rule in measures.items()}
        self._skipped = skipped or SkippedRecords()

    def map(self, raw: Any, first: date, last: date, secrets: Iterable[str] = ()) -> list[Outcome]:
        """The facts of one row; a measure the row does not state gives none. Never raises."""
        skipped = self._skipped.finding(raw)
        if skipped is not None:
            return [self._rejected([skipped], raw, secrets)]
        if not self._language.is_record(raw):
            return [self._rejected([_NOT_A_ROW], raw, secrets)]
        shared = Notes()
        dimensions = self._fields(raw, shared)
        try:
            digest = self._language.digest(raw)
        except TypeError:
            return [self._rejected([_TOO_DEEP], raw, secrets)]
        facts: list[Outcome] = []
        for code, measure in self._measures.items():
            notes = Notes()
            value = measure(raw, notes)
            if value is None and not notes.findings:
                continue
            fact = validate(UsageFact, {**dimensions, "measure": code, "value": value})
            problems = [*shared.findings, *notes.findings]
            if isinstance(fact, tuple):
                facts.append(self._rejected(without_repetition(problems, fact), raw, secrets))
            elif problems:
                facts.append(self._rejected(problems, raw, secrets))
            elif first <= fact.day <= last:
                facts.append(Accepted(fact, digest, None, told(shared.unmapped, secrets)))
        return facts

    def _rejected(self, findings: Iterable[Finding], raw: Any, secrets: Iterable[str]) -> Rejected:
        return rejection(None, findings, self._language.text(raw), secrets)


_TOO_DEEP = Finding("record.tooDeep", "the row is nested more than 250 levels deep")
_NOT_A_ROW = Finding("record.notAnObject", "a row is an object", expected="a JSON object or an XML element")
