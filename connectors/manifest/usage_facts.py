"""Rows of numbers become usage facts: one for every measure that a row states, with its sketch or weight beside it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from connectors.manifest.fields import Words, compile_field, compile_fields
from connectors.manifest.mapping import SkippedRecords, rejection, told, without_repetition
from connectors.manifest.notes import Notes
from connectors.manifest.sections import UsageSection
from connectors.manifest.targets import targets
from connectors.records import Accepted, Rejected
from connectors.sketches import unusable_sketch
from schema.findings import Finding
from schema.usage import UsageFact
from schema.validation import validate

Outcome = Accepted[UsageFact] | Rejected


class UsageMapper:
    """The rules of a usage section of rows, compiled; facts outside the days asked for are left out."""

    def __init__(self, section: UsageSection, words: Words, skipped: SkippedRecords | None = None) -> None:
        self._language = words.language
        self._fields = compile_fields(section.fields, words, UsageFact)
        known = targets(UsageFact)
        self._measures = {
            code: compile_field(rule, known["value"], words, code) for code, rule in section.measures.items()
        }
        self._beside = {
            code: {
                name: compile_field(rules[code], known[name], words, name)
                for name, rules in (("sketch", section.sketches), ("weight", section.weights))
                if code in rules
            }
            for code in section.measures
        }
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
        for code in self._measures:
            notes = Notes()
            fact = self._fact(code, raw, dimensions, shared, notes)
            if isinstance(fact, list):
                facts.append(self._rejected(fact, raw, secrets))
            elif fact is not None and first <= fact.day <= last:
                unmapped = told([*shared.unmapped, *notes.unmapped], secrets)
                facts.append(Accepted(fact, digest, None, unmapped))
        return facts

    def _fact(
        self, code: str, raw: Any, dimensions: Mapping[str, Any], shared: Notes, notes: Notes
    ) -> UsageFact | list[Finding] | None:
        """The fact of a measure, what is wrong with it, or None where the row does not state the measure."""
        value = self._measures[code](raw, notes)
        if value is None and not notes.findings:
            return None
        beside = {name: field(raw, notes) for name, field in self._beside[code].items()}
        fact = validate(UsageFact, {**dimensions, **beside, "measure": code, "value": value})
        problems = [*shared.findings, *notes.findings]
        if isinstance(fact, tuple):
            return without_repetition(problems, fact)
        unusable = unusable_sketch(fact.sketch) if fact.sketch is not None else None
        if unusable is not None:
            problems.append(unusable)
        return problems or fact

    def _rejected(self, findings: Iterable[Finding], raw: Any, secrets: Iterable[str]) -> Rejected:
        return rejection(None, findings, self._language.text(raw), secrets)


_TOO_DEEP = Finding("record.tooDeep", "the row is nested more than 250 levels deep")
_NOT_A_ROW = Finding("record.notAnObject", "a row is an object", expected="a JSON object or an XML element")
