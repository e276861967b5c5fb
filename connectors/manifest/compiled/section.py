"""The function of a section: written from its rules, compiled once, from a raw record to a record of ours."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import orjson

from connectors.manifest.compiled.assembly import assembler, can_be_assembled
from connectors.manifest.compiled.fields import FieldWriter
from connectors.manifest.compiled.kinds import ADDRESS, FieldOf, fields_of
from connectors.manifest.compiled.learning import ASK, Memory
from connectors.manifest.compiled.texts import Texts, cut_out, divided, listed
from connectors.manifest.compiled.unusual import Unusual
from connectors.manifest.compiled.writing import Place, Writer
from connectors.manifest.fields import Words, apply, compile_field
from connectors.manifest.notes import Notes
from connectors.manifest.rules import FieldRule
from connectors.manifest.targets import Target, targets
from schema.records import Record

R = TypeVar("R", bound=Record)
ENOUGH = 5_000_000
"""Characters that must be left of what transforms may write; far more than remembered outcomes have written."""


class Unwritable(Exception):
    """A section for which no code can be written; its rules do everything."""


class SectionWriter:
    """Writes the function of a section. What is not plain the function asks a `Learning`, or it steps aside."""

    def __init__(self, words: Words) -> None:
        self._spoken: list[bytes] = []
        self.words = words
        self.memory = Memory(lambda: b"\n".join(self._spoken))
        self.texts = Texts(self.memory)
        self.writer = Writer(
            {
                "ADDRESS": ADDRESS,
                "ASK": ASK,
                "EMPTY": {},
                "Unusual": Unusual,
                "apply": apply,
                "cut_out": cut_out,
                "date": date,
                "datetime": datetime,
                "distinct": _distinct,
                "divided": divided,
                "listed": listed,
            }
        )

    def function(self, rules: Mapping[str, FieldRule], record: type[R]) -> Callable[[Any, Notes], R]:
        """From a raw object and its notes to the record; raises `Unwritable` where there can be none.

        It raises `Unusual`, or what Python raises, for everything that is not plain, and makes no record that the rules
        would not make.
        """
        writer = self.writer
        found, _ = self.object(rules, record, Place("raw"), "")
        writer.line(f"if notes.findings or notes.room < {ENOUGH}: raise Unusual")
        writer.line(f"return {self.record(record)}({found})")
        text = "\n".join(["def read(raw, notes):", *writer.lines])
        try:
            code = compile(text, f"<{record.__name__} of a manifest>", "exec")
        except SyntaxError as error:  # Python bounds how deep blocks may stand in each other
            raise Unwritable from error
        # every name of the manifest stands in the text as a literal that repr has written
        exec(code, writer.names)  # noqa: S102
        function: Callable[[Any, Notes], R] = writer.names["read"]
        return function

    def object(
        self, rules: Mapping[str, FieldRule], record: type[Record], place: Place, prefix: str
    ) -> tuple[str, int]:
        """Write an object: the variable with its values by attribute, and how many of them are always there."""
        if not can_be_assembled(record):
            raise Unwritable
        fields, known = fields_of(record), targets(record)
        self._spoken.append(orjson.dumps(list(fields)))
        constants = {
            fields[name].attribute: self._constant(rule, known[name], fields[name], prefix + name)
            for name, rule in rules.items()
            if rule.constant is not None
        }
        written = [f"{attribute!r}: {value}" for attribute, value in constants.items() if value is not None]
        found = self.writer.variable()
        self.writer.line(f"{found} = {{{', '.join(written)}}}")
        for name, rule in rules.items():
            if rule.constant is None:
                FieldWriter(self, place, found, fields[name], known[name], rule, prefix + name).write()
        return found, len(written)

    def record(self, record: type[Record]) -> str:
        """The name of what makes a record of its values."""
        return self.writer.named(assembler(record))

    def _constant(self, rule: FieldRule, target: Target, field: FieldOf, name: str) -> str | None:
        """The name of a constant, None where it says nothing."""
        notes = Notes()
        value = compile_field(rule, target, self.words, name)(None, notes)
        if notes.findings:
            raise Unwritable
        if value is None:
            return None
        try:
            made = field.alone.model_validate({"value": value})
        except ValueError as error:
            raise Unwritable from error
        self._spoken.append(made.to_json())
        return self.writer.named(made.value)  # type: ignore[attr-defined]  # of a model that was made for this field


def _distinct(items: Sequence[Any]) -> tuple[Any, ...]:
    """Records that differ; one that is there twice stands once.

    Raises `Unusual` where two are equal that are not one: the rules know whether they were written alike.
    """
    if len(items) < 2:
        return tuple(items)
    kept: list[Any] = []
    for item in items:
        values = item.__dict__  # compared as they are: a record's own way to compare takes ten times as long
        for one in kept:
            if item is one:
                break
            if values == one.__dict__:
                raise Unusual
        else:
            kept.append(item)
    return tuple(kept)
