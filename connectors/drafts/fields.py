"""The `fields:` of a section drafted from records, with their vocabulary tables, tried on the records themselves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.drafts import values as looks
from connectors.drafts.columns import Place, Render, Steps, places_of
from connectors.drafts.guessing import Guess, guess_fields
from connectors.drafts.names import MEASURES
from connectors.drafts.nested import guess_nested, school_of
from connectors.drafts.rules import Table
from connectors.drafts.tags import guess_tags
from connectors.drafts.trial import Trial
from connectors.drafts.writing import Block, flow, shown
from connectors.extraction import Language
from connectors.manifest.sections import NOT_MAPPED
from connectors.manifest.targets import Target, targets
from schema.records import Record
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.usage import UsageFact

MOST_UNUSED = 40
_MADE_UP = re.compile(r"[;,] (?:such as|different in|addresses|seconds|minutes|milliseconds).*")
ESSENTIAL = (
    "url",
    "summary",
    "stages",
    "grades",
    "subjects",
    "updatedAt",
    "access",
    "region",
    "level",
    "form",
    "outcome",
)


@dataclass(slots=True)
class Drafted:
    """The fields and tables of a section as YAML, and what is missing."""

    fields: Block = field(default_factory=Block)
    tables: Block = field(default_factory=Block)
    measures: Block = field(default_factory=Block)
    needed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rules: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Material:
    """Records to draft from: as they are mapped (`raw`) and as mappings (`shaped`), and how paths on them are written.

    `defaults` are fields that the protocol knows by itself; `deleted` is a predicate of records without the others.
    """

    raw: Sequence[Any]
    shaped: Sequence[Any]
    language: Language
    render: Render
    base: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    deleted: str | None = None
    ready: Sequence[Guess] = ()
    aliases: Mapping[Steps, str] = field(default_factory=dict)
    """What a description calls places."""
    imagined: bool = False
    """Whether the values were made up from a schema, so that they are evidence of nothing."""


def draft_fields(record: type[Record], material: Material) -> Drafted:
    """Guess the fields, drop what the records themselves refute, and say what was not found."""
    places = places_of(material.shaped)
    for place in places:
        place.alias = material.aliases.get(place.steps, "")
    guesses = {guess.target: guess for guess in _guesses(record, places, material)}
    drafted = Drafted()
    if record is not UsageFact:
        trial = Trial(record, material.language, material.raw, material.defaults, material.deleted)
        for name, why in trial.refute(guesses).items():
            del guesses[name]
            drafted.notes.append(f"{name} was guessed and given up: {why}")
    _write(record, guesses, material, drafted)
    if record is UsageFact:
        _measures(places, material.render, drafted)
    _unused(places, drafted, material.render)
    return drafted


def _guesses(record: type[Record], places: Sequence[Place], material: Material) -> list[Guess]:
    found = {guess.target: guess for guess in material.ready}
    if record is ResourceRecord:
        found |= {guess.target: guess for guess in guess_nested(places, material.render) if guess.target not in found}
        tagged = guess_tags(places, material.render)
    else:
        tagged = []
    if record is TrainingReport and (school := school_of(places, material.render)) is not None:
        found["school"] = school
    taken = [*found, *material.defaults]
    plain = guess_fields(record, places, material.render, taken=taken, base=material.base)
    found |= {guess.target: guess for guess in plain}
    found |= {guess.target: guess for guess in tagged if guess.target not in material.defaults}
    return [
        *found.values(),
        *_composed(record, found, places, material),
        *_constants(record, found, [] if material.imagined else places),
    ]


def _composed(
    record: type[Record], found: Mapping[str, Guess], places: Sequence[Place], material: Material
) -> list[Guess]:
    """A native id made of the parts of an object, such as `{app, id}`."""
    if record is UsageFact or "nativeId" in found or "nativeId" in material.defaults:
        return []
    for place in places:
        parts = [one for one in places if one.values and one.steps[:-1] == place.steps]
        if place.entries and place.depth == 0 and place.names[0] in ("id", "identifier", "key") and 1 < len(parts) <= 4:
            paths = [material.render(part.steps, True) for part in parts]
            if any(brace in path for path in paths for brace in "{}"):
                continue  # a template cannot hold such a name
            template = ":".join(f"{{{path}}}" for path in paths)
            return [Guess("nativeId", {"template": template}, "an id of several parts; keep those that make it unique")]
    return []


def _constants(record: type[Record], found: Mapping[str, Guess], places: Sequence[Place]) -> list[Guess]:
    if record is TrainingReport and "unit" not in found and "quantity" in found:
        called = found["quantity"].why
        if any(word in called.lower() for word in ("hour", "xueshi", "学时")):
            return [Guess("unit", {"constant": "HOUR"}, "the quantity is called so")]
    if record is not ResourceRecord:
        return []
    made = []
    if "kind" not in found:
        why = "nothing in the sample says what a record is; write LESSON, COURSE or what it is"
        made.append(Guess("kind", {"constant": "OTHER"}, why))
    chinese = any(looks.share(place.values, looks.is_chinese) >= 0.8 for place in places if place.depth == 0)
    if "language" not in found and chinese:
        made.append(Guess("language", {"constant": "zh-CN"}, "the texts are Chinese"))
    return made


def _write(record: type[Record], guesses: Mapping[str, Guess], material: Material, drafted: Drafted) -> None:
    tables: dict[str, Table] = {}
    missing: list[str] = []
    for name, target in _mapped(record).items():
        guess = guesses.get(name)
        if guess is not None:
            mark = "needed" if guess.rule == {"constant": "OTHER"} else "guess"
            why = _MADE_UP.sub("", guess.why) if material.imagined else guess.why
            drafted.fields.put(name, guess.rule, f"{mark}: {why}")
            drafted.rules[name] = guess.rule
            tables |= guess.tables
            if mark == "needed":
                drafted.needed.append(name)
        elif name in material.defaults:
            drafted.fields.remark(f"{name}: known by the protocol")
        elif target.required:
            drafted.fields.remark(f"{name}: needed: {_meaning(record, name)}")
            drafted.needed.append(name)
        elif name in ESSENTIAL:
            drafted.fields.remark(f"{name}: PATH # not found: {_meaning(record, name)}")
        else:
            missing.append(name)
    for start in range(0, len(missing), 10):
        drafted.fields.remark(f"{'not found either' if not start else 'nor'}: {', '.join(missing[start : start + 10])}")
    for table, values in tables.items():
        inner = Block()
        for value, (code, note) in values.items():
            inner.put(value, code, note)
        block = Block()
        block.put("values", inner)
        drafted.tables.put(table, block)


def _mapped(record: type[Record]) -> Mapping[str, Target]:
    """The fields that stand under `fields:`."""
    elsewhere = NOT_MAPPED if record is UsageFact else {}
    return {name: target for name, target in targets(record).items() if name not in elsewhere}


def _meaning(record: type[Record], name: str) -> str:
    info = next(info for key, info in record.model_fields.items() if (info.alias or key) == name)
    example = f", such as {flow(info.examples[0])}" if info.examples else ""
    return (info.description or "").rstrip(".") + shown(example, 80)


def _measures(places: Sequence[Place], render: Render, drafted: Drafted) -> None:
    numbers = [
        place
        for place in places
        if place.values and not place.many and looks.readable(place.values, ["decimal"]) >= looks.MOST
    ]
    others = []
    for place in numbers:
        path = render(place.steps, True)
        measure = next((code for code, words in MEASURES.items() if place.names and place.names[0] in words), None)
        if measure is not None and not any(getattr(one, "key", None) == measure for one in drafted.measures.entries):
            drafted.measures.put(measure, path, f"guess: called {place.steps[-1]}")
        elif path not in drafted.rules.values():
            others.append(path)
    for path in others:
        drafted.measures.remark(f"which measure is {path}?")
    if not drafted.measures:
        drafted.needed.append("measures")
        drafted.measures.remark("needed: which field is which measure, such as views: pv (docs/manifest.md)")


def _unused(places: Sequence[Place], drafted: Drafted, render: Render) -> None:
    text = " ".join(flow(rule) for rule in drafted.rules.values())
    over = [
        render(place.steps, False)
        for place in places
        if place.values and place.depth == 0 and place.steps[0] not in text
    ]
    if over:
        drafted.fields.remark(f"in the sample and not used: {', '.join(over[:MOST_UNUSED])}")
