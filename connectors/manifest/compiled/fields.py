"""One field of a record, written: its value read, checked as its kind wants it, and put in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from connectors.extraction import compile_cut
from connectors.manifest.compiled.kinds import FieldOf
from connectors.manifest.compiled.learning import MOST_ENTRIES, Learning, Memory
from connectors.manifest.compiled.rules import (
    chain_of,
    is_about_itself,
    is_bare,
    is_cut_out,
    is_looked_up,
    is_of_few,
    is_of_single_values,
)
from connectors.manifest.compiled.texts import Texts
from connectors.manifest.compiled.writing import Place, Writer
from connectors.manifest.fields import Words
from connectors.manifest.rules import FieldRule
from connectors.manifest.sources import compile_source
from connectors.manifest.tables import STRICTEST
from connectors.manifest.targets import Target, targets
from connectors.manifest.transforms import compile_transform
from schema.access import Access
from schema.records import Record
from schema.values import Text

MOST_ITEMS = 64
"""Entries of a list of objects; longer ones are left to the rules."""


class Scene(Protocol):
    """What the fields of a section share."""

    writer: Writer
    words: Words
    memory: Memory
    texts: Texts

    def object(
        self, rules: Mapping[str, FieldRule], record: type[Record], place: Place, prefix: str
    ) -> tuple[str, int]:
        """Write an object: the variable with its values by attribute, and how many of them are always there."""

    def record(self, record: type[Record]) -> str:
        """The name of what makes a record of such values."""


@dataclass(frozen=True, slots=True)
class FieldWriter:
    """Writes what a rule does.

    `found` is the variable of the values, `name` the field's full name in findings; `read` is the variable of a value
    that has been read.
    """

    scene: Scene
    place: Place
    found: str
    field: FieldOf
    target: Target
    rule: FieldRule
    name: str
    read: str | None = None

    def write(self) -> None:
        """Choose the way in which the least is done, and write it."""
        rule, field = self.rule, self.field
        looked_up = is_looked_up(rule, self.target, self.scene.words.tables)
        if rule.fields is not None and self.target.record is not None and is_bare(rule):
            self._objects() if field.many else self._object()
        elif is_cut_out(rule):
            self._cut_out()
        elif looked_up or rule.fields is not None or rule.match is not None:
            self._learned()
        elif field.many and field.inner == Text and not rule.transform:
            self._list()
        elif field.many or field.kind.check is None or rule.split is not None:
            self._learned()
        elif rule.transform:
            at_once = is_of_single_values(rule) and field.kind.quick
            self._transformed(field.kind.check) if at_once else self._learned()
        elif field.kind.text:
            self._text(field.kind.check)
        else:
            self._checked(field.kind.check)

    def _read(self) -> str:
        """The name of a new variable with the value of the source; what no chain finds is as its source gives it."""
        writer = self.scene.writer
        if self.read is not None:
            return self.read
        chain, value = chain_of(self.rule), writer.variable()
        if chain == ():
            return self.place.variable
        if chain is not None:
            writer.line(f"{value} = {writer.reading(self.place, chain)}")
        else:
            source = compile_source(self.rule, self.scene.words.language, many=self.target.many)
            writer.line(f"{value} = {writer.named(source)}({self.place.variable})")
        return value

    @property
    def _is_made(self) -> bool:
        """Whether the source may give what stands nowhere in the record."""
        return chain_of(self.rule) is None

    def _learning(self) -> Learning:
        return Learning(self.rule, self.target, self.scene.words, self.name, self.field, self.scene.memory)

    def _put(self, value: str) -> None:
        self.scene.writer.line(f"{self.found}[{self.field.attribute!r}] = {value}")

    def _put_if_any(self, value: str) -> None:
        self.scene.writer.line(f"if {value} is not None: {self.found}[{self.field.attribute!r}] = {value}")

    def _asked(self, value: str) -> None:
        """Whatever else is there, the rule itself is asked."""
        writer = self.scene.writer
        with writer.block(f"elif {value} is not None:"):
            writer.line(f"{value} = {writer.named(self._learning().of_value)}({value}, notes)")
            self._put_if_any(value)

    def _text(self, check: str) -> None:
        writer = self.scene.writer
        v = self._read()
        with writer.block(f"if type({v}) is str:"):
            if self._is_made:
                writer.line(f"{writer.named(self.scene.texts.made)}({v})")
                writer.line(f"if not ({check.format(v=v)}): raise Unusual")
                self._put(v)
            else:
                writer.line(f"{v} = {v}.strip()")
                with writer.block(f"if {v}:"):
                    writer.line(f"if not ({check.format(v=v)}): raise Unusual")
                    self._put(v)
        self._asked(v)

    def _checked(self, check: str) -> None:
        v = self._read()
        with self.scene.writer.block(f"if {check.format(v=v)}:"):
            self._put(v)
        self._asked(v)

    def _transformed(self, check: str) -> None:
        writer = self.scene.writer
        v = self._read()
        steps = [compile_transform(step.name, step.options) for step in self.rule.transform]
        writer.line(f"if type({v}) is str: {v} = {v}.strip()")
        with writer.block(f'if {v} is not None and {v} != "":'):
            writer.line(f"if type({v}) is list: raise Unusual")
            if len(steps) == 1 and not self.field.kind.text:
                writer.line(f"{v} = {writer.named(steps[0])}({v})")
            else:
                writer.line(f"{v} = apply({writer.named(steps)}, {v}, notes)")
            with writer.block(f"if {v} is not None:"):
                if self.field.kind.text:
                    writer.line(f"{writer.named(self.scene.texts.made)}({v})")
                writer.line(f"if not ({check.format(v=v)}): raise Unusual")
                self._put(v)

    def _cut_out(self) -> None:
        """What a pattern cuts out of a text is a value like any other."""
        writer = self.scene.writer
        v = self._read()
        pattern = writer.named(compile_cut(self.rule.match or ""))
        writer.line(f"if type({v}) is str: {v} = cut_out({pattern}, {v})")
        writer.line(f"elif {v} is not None: raise Unusual")
        rest = self.rule.model_copy(update={"match": None})
        replace(self, rule=rest, read=v).write()

    def _list(self) -> None:
        writer = self.scene.writer
        v = self._read()
        with writer.block(f"if {v} is not None:"):
            if self.rule.split is not None:
                writer.line(f"{v} = divided({v}, {self.rule.split!r})")
            else:
                writer.line(f"{v} = listed({v})")
            if self._is_made:
                writer.line(f"{writer.named(self.scene.texts.made_list)}({v})")
            self._put_if_any(v)

    def _learned(self) -> None:
        writer, learning = self.scene.writer, self._learning()
        v = self._read()
        r, known = writer.variable(), writer.named(learning.known)
        with writer.block(f"if {v} is not None:"):
            writer.line(f"if type({v}) is str: {r} = {known}.get({v}, ASK)")
            if is_bare(self.rule):
                # words, of which a list holds a few
                writer.line(
                    f"elif type({v}) is list and len({v}) <= {MOST_ENTRIES}: {r} = {known}.get(tuple({v}), ASK)"
                )
            writer.line(f"else: {r} = ASK")
            writer.line(f"if {r} is ASK: {r} = {writer.named(learning.of_value)}({v}, notes)")
            self._put_if_any(r)
        if self.target.words is Access:
            writer.line(f"else: {self.found}[{self.field.attribute!r}] = {writer.named(Access(STRICTEST))}")

    def _object(self) -> None:
        writer = self.scene.writer
        if is_about_itself(self.rule):
            self._put_if_any(self._made(self.place))
            return
        v = self._read()
        with writer.block(f"if type({v}) is dict:"):
            self._put_if_any(self._made(Place(v)))
        writer.line(f'elif {v} is not None and {v} != "": raise Unusual')

    def _objects(self) -> None:
        writer = self.scene.writer
        v = self._read()
        few = self._is_of_few
        entries, items, item = writer.variable(), writer.variable(), writer.variable()
        with writer.block(f"if {v} is not None:"):
            # not into the same variable: it may be the record itself, which the fields after this one read
            writer.line(f"{entries} = ({v},) if type({v}) is dict else {v}")
            writer.line(f"if {entries} is {v} and (type({v}) is not list or len({v}) > {MOST_ITEMS}): raise Unusual")
            writer.line(f"{items} = []")
            with writer.block(f"for {item} in {entries}:"):
                with writer.block(f"if type({item}) is not dict:"):
                    writer.line(f'if {item} is None or {item} == "": continue')
                    writer.line("raise Unusual")
                if few:
                    made = self._remembered(Place(item))
                    writer.line(f"if {made} is not None: {items}.append({made})")
                else:
                    values, always = self._values(Place(item))
                    with writer.block(f"if len({values}) > {always}:"):
                        # the rules know whether equal ones were written alike, and then keep one
                        writer.line(f"if {values} in {items}: raise Unusual")
                        writer.line(f"{items}.append({values})")
            together = f"distinct({items})" if few else f"tuple(map({self._making()}, {items}))"
            writer.line(f"if {items}: {self.found}[{self.field.attribute!r}] = {together}")

    @property
    def _is_of_few(self) -> bool:
        return is_of_few(*self._inside)

    @property
    def _inside(self) -> tuple[Mapping[str, FieldRule], type[Record]]:
        """The rules of an object, and the record it becomes."""
        return self.rule.fields or {}, self.target.record or Record

    def _made(self, place: Place) -> str:
        """The variable with the record that an object becomes, None where it holds nothing but constants."""
        if self._is_of_few:
            return self._remembered(place)
        writer, made = self.scene.writer, self.scene.writer.variable()
        values, always = self._values(place)
        writer.line(f"{made} = {self._making()}({values}) if len({values}) > {always} else None")
        return made

    def _remembered(self, place: Place) -> str:
        """The same, looked for by the parts of the object first; a new one is made, and remembered if that is all."""
        writer, memory = self.scene.writer, self.scene.memory
        made, key, said = writer.variable(), writer.variable(), writer.variable()
        writer.line(f"{key} = ({''.join(f'{part}, ' for part in self._parts(*self._inside, place))})")
        known = memory.table()
        writer.line(f"{made} = {writer.named(known)}.get({key}, ASK)")
        with writer.block(f"if {made} is ASK:"):
            writer.line(f"{said} = notes.room, notes.told")
            # what is read from here on is read in this case only
            values, always = self._values(Place(place.variable, dict(place.inside)))
            writer.line(f"{made} = {self._making()}({values}) if len({values}) > {always} else None")
            with writer.block(f"if (notes.room, notes.told) == {said}:"):
                writer.line(f"{writer.named(memory.keep_object)}({writer.named(known)}, {key}, {made})")
        return made

    def _values(self, place: Place) -> tuple[str, int]:
        rules, record = self._inside
        return self.scene.object(rules, record, place, f"{self.name}.")

    def _making(self) -> str:
        return self.scene.record(self._inside[1])

    def _parts(self, rules: Mapping[str, FieldRule], record: type[Record], place: Place) -> list[str]:
        """The values on which an object hangs, each in a variable."""
        writer, parts = self.scene.writer, list[str]()
        for name, rule in rules.items():
            chain = chain_of(rule)
            inner = targets(record)[name].record
            if rule.constant is not None or chain is None:
                continue
            if inner is None or rule.fields is None:
                parts.append(writer.reading(place, chain))
            elif chain == ():
                parts.extend(self._parts(rule.fields, inner, place))
            else:
                held = writer.variable()
                writer.line(f"{held} = {writer.reading(place, chain)}")
                writer.line(f"if type({held}) is not dict:")
                writer.line(f"    if {held} is not None: raise Unusual")
                writer.line(f"    {held} = EMPTY")
                parts.extend(self._parts(rule.fields, inner, Place(held)))
        return parts
