"""Field rules compiled once per connector into closures: record and notes in, value out."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.extraction import JMESPATH, Language, Pattern, compile_pattern
from connectors.manifest.lookups import Mapped, lookup_for
from connectors.manifest.notes import Notes
from connectors.manifest.rules import FieldRule
from connectors.manifest.sources import compile_source, present
from connectors.manifest.tables import STRICTEST, TableSpec
from connectors.manifest.targets import Target, targets
from connectors.manifest.transforms import Transform, compile_transform, takes_lists
from connectors.manifest.transforms.reading import fitting
from schema.access import Access
from schema.records import Record
from schema.resources import ResourceRecord

Field = Callable[[Any, Notes], Any]
"""The value for a field, None where the record has none."""

MATCHED_CHARACTERS = 5_000
ROOM_OF_CONSTANTS = 100_000
"""Characters that the transforms of a constant may write, which is done when a manifest is read."""


@dataclass(frozen=True, slots=True)
class Words:
    """What rules are written in: the language of their paths, and the vocabulary tables they may name."""

    language: Language = JMESPATH
    tables: Mapping[str, TableSpec] = dataclasses.field(default_factory=dict)


def compile_fields(
    rules: Mapping[str, FieldRule],
    words: Words,
    record: type[Record] = ResourceRecord,
    prefix: str = "",
) -> Callable[[Any, Notes], dict[str, Any]]:
    """A function from a raw record to the values of `record` by field name, absent ones left out."""
    known = targets(record)
    compiled = [(name, compile_field(rule, known[name], words, prefix + name)) for name, rule in rules.items()]

    def fields(raw: Any, notes: Notes) -> dict[str, Any]:
        found = {}
        for name, field in compiled:
            value = field(raw, notes)
            if value is not None:
                found[name] = value
        return found

    return fields


def compile_field(rule: FieldRule, target: Target, words: Words, name: str) -> Field:
    """One rule; `name` is the field's full name in findings."""
    if rule.constant is not None:
        return _constant(rule, target, words, name)
    source = compile_source(rule, words.language, many=target.many)
    steps = _steps(rule, target, words, name)
    shape = _shape(target)
    if not steps:
        return lambda raw, _: shape(source(raw))
    each, whole = _chain(steps), isinstance(steps[0], _OfLists)
    absent = STRICTEST if target.words is Access else None

    def field(raw: Any, notes: Notes) -> Any:
        value = source(raw)
        if value is None:
            return absent
        if whole or type(value) is not list:
            return shape(each(value, notes))
        found: list[Any] = []
        for item in value:
            _collect(found, each(item, notes))
        return shape(_unique(found))

    return field


def _constant(rule: FieldRule, target: Target, words: Words, name: str) -> Field:
    """The value is worked out once; what is wrong with it, every record says."""
    steps, shape, notes = _steps(rule, target, words, name), _shape(target), Notes(ROOM_OF_CONSTANTS)
    each = _chain(steps) if steps else None
    found: list[Any] = []
    for item in rule.constant if isinstance(rule.constant, list) else [rule.constant]:
        _collect(found, each(item, notes) if each else item)
    value = shape(found if target.many or len(found) > 1 else next(iter(found), None))

    def constant(_raw: Any, of_record: Notes) -> Any:
        of_record.findings.extend(notes.findings)
        return value

    return constant


def _steps(rule: FieldRule, target: Target, words: Words, name: str) -> list[Field]:
    steps: list[Field] = []
    if rule.split is not None:
        steps.append(_split(rule.split))
    if rule.match is not None:
        steps.append(_match(compile_pattern(rule.match)))
    if rule.transform:
        transforms = [compile_transform(step.name, step.options) for step in rule.transform]
        transformed = _transform(transforms, name, drop=rule.on_invalid == "drop")
        steps.append(_OfLists(transformed) if takes_lists(rule.transform[0].name) else transformed)
    if rule.fields is not None and target.record is not None:
        # what a pattern or a transform makes is an object of ours, whatever the platform speaks
        inner = replace(words, language=JMESPATH) if rule.match or rule.transform else words
        steps.append(_nested(rule.fields, target.record, inner, name))
    elif rule.fields is None:
        lookup = lookup_for(target, words.tables[rule.vocabulary] if rule.vocabulary else None)
        if lookup is not None:
            steps.append(_mapped(lookup, name))
        elif target.text:
            steps.append(_text)
    return steps


@dataclass(frozen=True, slots=True)
class _OfLists:
    """A step that is given a list as a whole, not entry by entry."""

    step: Field

    def __call__(self, value: Any, notes: Notes) -> Any:
        return self.step(value, notes)


def _chain(steps: Sequence[Field]) -> Field:
    if len(steps) == 1:
        return steps[0]
    first, rest = steps[0], _chain(steps[1:])

    def chained(value: Any, notes: Notes) -> Any:
        found = first(value, notes)
        if found is None:
            return None
        if type(found) is not list or isinstance(steps[1], _OfLists):
            return rest(found, notes)
        collected: list[Any] = []
        for item in found:
            _collect(collected, rest(item, notes))
        return collected or None

    return chained


def _collect(found: list[Any], value: Any) -> None:
    if type(value) is list:
        found.extend(value)
    elif value is not None:
        found.append(value)


def _unique(values: list[Any]) -> list[Any] | None:
    if len(values) < 2:
        return values or None
    kept: dict[Any, Any] = {}
    for value in values:
        kept.setdefault(value if type(value) is str else (repr(value),), value)
    return list(kept.values())


def _shape(target: Target) -> Callable[[Any], Any]:
    """Lists for fields that hold many; the only entry of a list for fields that hold one."""
    if target.many:
        return lambda value: value if value is None or type(value) is list else [value]
    return lambda value: value[0] if type(value) is list and len(value) == 1 else value


def _split(separator: str) -> Field:
    def split(value: Any, notes: Notes) -> Any:
        del notes
        return present([part.strip() for part in value.split(separator)]) if type(value) is str else value

    return split


def _match(pattern: Pattern) -> Field:
    alone = "value" in pattern.groupindex

    def match(value: Any, notes: Notes) -> Any:
        del notes
        if type(value) is not str:
            return None
        found = pattern.search(value[:MATCHED_CHARACTERS])
        if found is None:
            return None
        return present(found["value"]) if alone else found.groupdict()

    return match


def _transform(transforms: Sequence[Transform], name: str, *, drop: bool) -> Field:
    def transformed(value: Any, notes: Notes) -> Any:
        if notes.room < 0:
            return None
        try:
            return apply(transforms, value, notes)
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
            if drop:
                notes.unknown(name, str(value))
            else:
                notes.invalid(name, f"{name}: {error}", value)
            return None

    return transformed


def apply(transforms: Sequence[Transform], value: Any, notes: Notes) -> Any:
    """What transforms make of a value, one after the other; raises what they raise."""
    for transform in transforms:
        if value is None:
            return None
        value = transform(value)
        notes.write(_length(value))
    return value if value != "" else None


def _length(made: Any) -> int:
    """The characters of a text or of the texts of a list; `ValueError` for too many."""
    if type(made) is str:
        return fitting(len(made))
    return fitting(sum(len(one) for one in made if type(one) is str)) if type(made) is list else 0


def _mapped(lookup: Mapped, name: str) -> Field:
    return lambda value, notes: lookup(value, notes, name)


def _text(value: Any, notes: Notes) -> Any:
    """Numbers become text where text is due: platforms send ids as either."""
    del notes
    return str(value) if type(value) in (int, float) else value


def _nested(rules: Mapping[str, FieldRule], record: type[Record], words: Words, name: str) -> Field:
    inner = compile_fields(rules, words, record, f"{name}.")
    constants = {name for name, rule in rules.items() if rule.constant is not None}

    def nested(value: Any, notes: Notes) -> Any:
        found = inner(value, notes)
        return found if any(key not in constants for key in found) else None

    return nested
