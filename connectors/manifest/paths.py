"""Paths of a section, checked in the language of its protocol."""

from collections.abc import Iterator, Mapping

from connectors.extraction import JMESPATH, ExpressionError, Language
from connectors.manifest.document import escape
from connectors.manifest.report import Report
from connectors.manifest.rules import FieldRule
from connectors.manifest.sections import RecordSection, Section, UsageSection
from connectors.templates import pieces_of


def check_paths(name: str, section: Section, report: Report) -> None:
    """One finding per path that cannot be compiled."""
    for pointer, path, language in _paths(name, section):
        try:
            language.compile(path)
        except ExpressionError as error:
            report.add("manifest.path", f"not {_named(language)}: {error}", pointer, found=path)


def _named(language: Language) -> str:
    return "an XPath" if language.name == "xpath" else "a JMESPath"


def _paths(name: str, section: Section) -> Iterator[tuple[str, str, Language]]:
    language = section.language
    for key, path in section.paths.items():
        yield f"/{name}/{key}", path, language
    yield from _of_rules(section.fields, f"/{name}/fields", language)
    if section.when is not None:
        yield f"/{name}/when", section.when, language
    if isinstance(section, RecordSection) and section.deleted is not None:
        yield f"/{name}/deleted", section.deleted, language
    if isinstance(section, UsageSection):
        for key in ("measures", "sketches", "weights"):
            yield from _of_rules(getattr(section, key), f"/{name}/{key}", language)
        for code, count in section.counts.items():
            here = f"/{name}/counts/{escape(code)}"
            for key, counted in (("when", count.when), ("distinct", count.distinct)):
                if counted is not None:
                    yield f"{here}/{key}", counted, language
            if count.sum is not None:
                yield from _of_rule(count.sum, f"{here}/sum", language)


def _of_rules(rules: Mapping[str, FieldRule], pointer: str, language: Language) -> Iterator[tuple[str, str, Language]]:
    for name, rule in rules.items():
        yield from _of_rule(rule, f"{pointer}/{escape(name)}", language)


def _of_rule(rule: FieldRule, pointer: str, language: Language) -> Iterator[tuple[str, str, Language]]:
    if rule.path is not None:
        yield f"{pointer}/path", rule.path, language
    for index, path in enumerate(rule.alternatives):
        yield f"{pointer}/alternatives/{index}", path, language
    if rule.each is not None:
        yield f"{pointer}/each", rule.each, language
    if rule.where is not None:
        for key, path in (("list", rule.where.entries), ("key", rule.where.key), ("value", rule.where.value)):
            yield f"{pointer}/where/{key}", path, language
    if rule.template is not None:
        for path in pieces_of(rule.template)[1]:
            yield f"{pointer}/template", path, language
    if rule.fields is not None:
        # what a pattern or a transform makes is an object of ours, whatever the platform speaks
        inner = JMESPATH if rule.match or rule.transform else language
        yield from _of_rules(rule.fields, f"{pointer}/fields", inner)
