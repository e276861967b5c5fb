"""Which paths of a section find nothing in any record, and what stands there instead."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connectors.extraction import JMESPATH, Language, XPathLanguage
from connectors.extraction.namespaces import NAMESPACES
from connectors.manifest.document import escape
from connectors.manifest.rules import FieldRule
from connectors.manifest.sections import RecordSection, Section, UsageSection
from connectors.manifest.sources import present
from connectors.templates import pieces_of

_STEP = re.compile(r"(?:(?P<plain>\w+)|\"(?P<quoted>[^\"]+)\")(?P<index>(?:\[[\d*]*\])*)(?P<more>\.?)(?!\w*\()")


@dataclass(frozen=True, slots=True)
class Unreached:
    """A path that finds nothing: where it stands, the step that fails and what could stand there; no step where all
    exist and are empty.
    """

    pointer: str
    path: str
    step: str | None = None
    words: tuple[str, ...] = ()


def unreached(name: str, section: Section, records: Sequence[Any]) -> Iterator[Unreached]:
    """Every such path of a section, given its raw records."""
    language = section.language
    yield from _of_rules(section.fields, f"/{name}/fields", records, language)
    if section.when is not None:
        yield from _tried(f"/{name}/when", [section.when], records, language)
    if isinstance(section, RecordSection) and section.deleted is not None:
        yield from _tried(f"/{name}/deleted", [section.deleted], records, language)
    if isinstance(section, UsageSection):
        for key in ("measures", "sketches", "weights"):
            yield from _of_rules(getattr(section, key), f"/{name}/{key}", records, language)
        for code, count in section.counts.items():
            here = f"/{name}/counts/{escape(code)}"
            for key, path in (("when", count.when), ("distinct", count.distinct)):
                if path is not None:
                    yield from _tried(f"{here}/{key}", [path], records, language)
            if count.sum is not None:
                yield from _of_rule(count.sum, f"{here}/sum", records, language)


def _of_rules(
    rules: Mapping[str, FieldRule], pointer: str, records: Sequence[Any], language: Language
) -> Iterator[Unreached]:
    for name, rule in rules.items():
        yield from _of_rule(rule, f"{pointer}/{escape(name)}", records, language)


def _of_rule(rule: FieldRule, pointer: str, records: Sequence[Any], language: Language) -> Iterator[Unreached]:
    inner = records
    if rule.path is not None:
        yield from _tried(f"{pointer}/path", [rule.path, *rule.alternatives], records, language)
        inner = [one for path in (rule.path, *rule.alternatives) for one in _entries(path, records, language)]
    elif rule.each is not None:
        yield from _tried(f"{pointer}/each", [rule.each], records, language)
        inner = _entries(rule.each, records, language)
    elif rule.where is not None:
        yield from _tried(f"{pointer}/where/list", [rule.where.entries], records, language)
        entries = _entries(rule.where.entries, records, language)
        for key, path in (("key", rule.where.key), ("value", rule.where.value)):
            yield from _tried(f"{pointer}/where/{key}", [path], entries, language)
    elif rule.template is not None:
        for path in pieces_of(rule.template)[1]:
            yield from _tried(f"{pointer}/template", [path], records, language)
    # what a pattern or a transform makes of a value is unlike what came
    if rule.fields is not None and not rule.match and not rule.transform and rule.where is None:
        yield from _of_rules(rule.fields, f"{pointer}/fields", inner, language)


def _entries(path: str, records: Sequence[Any], language: Language) -> list[Any]:
    find = language.compile_entries(path)
    return _flat([find(record) for record in records])


def _tried(pointer: str, paths: Sequence[str], records: Sequence[Any], language: Language) -> Iterator[Unreached]:
    if not records:
        return
    for path in paths:
        find = language.compile(path)
        if any(present(find(record)) is not None for record in records):
            return
    yield _explained(pointer, paths[0], records, language)


def _explained(pointer: str, path: str, records: Sequence[Any], language: Language) -> Unreached:
    if language is JMESPATH:
        steps = _names(path)
        return _walked(pointer, path, steps, records, lambda record: record if isinstance(record, dict) else {})
    declared = language.namespaces if isinstance(language, XPathLanguage) else {}
    prefixes = {uri: prefix for prefix, uri in {**NAMESPACES, **declared}.items()}
    return _walked(pointer, path, _elements(path), records, lambda record: _children(record, prefixes))


def _walked(pointer: str, path: str, steps: Sequence[str], records: Sequence[Any], below: Any) -> Unreached:
    here = list(records)
    for step in steps:
        known: dict[str, list[Any]] = {}
        for record in here:
            for name, value in below(record).items():
                known.setdefault(name, []).append(value)
        if step not in known:
            return Unreached(pointer, path, step, tuple(known))
        here = _flat(known[step])
    return Unreached(pointer, path)


def _names(path: str) -> list[str]:
    """The names with which a JMESPath begins, as far as it only steps down."""
    found: list[str] = []
    position = 0
    while step := _STEP.match(path, position):
        found.append(step["plain"] or step["quoted"])
        position = step.end()
        if not step["more"]:
            break
    return found


def _elements(path: str) -> list[str]:
    """The elements and attributes with which an XPath begins, as far as it only steps down."""
    plain = path
    while (shorter := re.sub(r"\[[^\[\]]*\]", "", plain)) != plain:
        plain = shorter
    found: list[str] = []
    for step in plain.split("/"):
        if not re.fullmatch(r"@?[\w.-]+(:[\w.-]+)?", step) or step == ".":
            break
        found.append(step)
    return found


def _children(record: Any, prefixes: Mapping[str, str]) -> dict[str, list[Any]]:
    """The attributes and children of an element by the names an XPath gives them."""
    if not isinstance(record, etree._Element):
        return {}
    found: dict[str, list[Any]] = {f"@{_name(name, prefixes)}": [value] for name, value in record.attrib.items()}
    for child in record.iterchildren(etree.Element):
        found.setdefault(_name(child, prefixes), []).append(child)
    return found


def _name(named: Any, prefixes: Mapping[str, str]) -> str:
    name = etree.QName(named)
    if not name.namespace:
        return name.localname
    return f"{prefixes[name.namespace]}:{name.localname}" if name.namespace in prefixes else name.text


def _flat(values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if isinstance(value, list):
            found.extend(_flat(value))
        elif value is not None:
            found.append(value)
    return found
