"""What a valid document can still get wrong: fields, paths, vocabularies, codes, regions."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from connectors.manifest.document import Document, escape
from connectors.manifest.explain import nearest
from connectors.manifest.model import ManifestDocument
from connectors.manifest.parameters import check_parameters
from connectors.manifest.paths import check_paths
from connectors.manifest.report import Report
from connectors.manifest.rules import FieldRule
from connectors.manifest.searching import SearchSection
from connectors.manifest.sections import NOT_MAPPED, RecordSection, Section, UsageSection
from connectors.manifest.signatures import check_signature
from connectors.manifest.tables import Lookup, TableSpec
from connectors.manifest.targets import Target, targets
from connectors.manifest.usage_checks import check_measures
from schema.findings import Finding, Severity
from schema.records import Record
from schema.regions import region_tree
from schema.usage import UsageFact
from schema.vocabularies import VocabularyScheme, vocabulary


def check_document(document: ManifestDocument, yaml: Document) -> list[Finding]:
    """Everything that can be said before the first request."""
    report = Report(yaml)
    region = document.platform.region
    if region_tree().get(region) is None:
        report.add("manifest.region", f"{region} is no GB/T 2260 region code", "/platform/region", found=region)
    for name, section in document.sections():
        _check_section(name, section, document.vocabularies, report)
        check_paths(name, section, report)
        check_parameters(name, section, report)
    _check_tables(document, report)
    check_signature("/credentials", document.credentials, report)
    for name, section in document.sections():
        if section.credentials is not None:
            check_signature(f"/{name}/credentials", section.credentials, report)
    _tell_what_is_missing(document, report)
    return report.findings


def _check_section(name: str, section: Section, tables: Mapping[str, TableSpec], report: Report) -> None:
    elsewhere = NOT_MAPPED if isinstance(section, UsageSection) else {}
    if isinstance(section, SearchSection):
        check_filters(section, tables, report)
        if not section.fields:
            return
    _check_fields(section.fields, section.target(), f"/{name}/fields", tables, report, elsewhere)
    if isinstance(section, UsageSection):
        known = targets(UsageFact)
        for key, field in (("measures", "value"), ("sketches", "sketch"), ("weights", "weight")):
            for code, rule in getattr(section, key).items():
                _check_rule(rule, known[field], f"/{name}/{key}/{escape(code)}", tables, report)
        check_measures(name, section, report)
    elif isinstance(section, RecordSection) and section.incremental is not None and section.tells_changes:
        message = "this protocol asks for changes by itself; leave incremental out"
        report.add("manifest.incremental", message, f"/{name}/incremental")


def check_filters(section: SearchSection, tables: Mapping[str, TableSpec], report: Report) -> None:
    """Tables that filters name have to be there."""
    for name, spec in section.filters.items():
        if spec.vocabulary is not None and spec.vocabulary not in tables:
            pointer = f"/search/filters/{escape(name)}/vocabulary"
            message = f"there is no table {spec.vocabulary!r} under vocabularies"
            report.add("manifest.unknownTable", message, pointer, found=spec.vocabulary, words=tuple(tables))


def _check_fields(
    rules: Mapping[str, FieldRule],
    record: type[Record],
    pointer: str,
    tables: Mapping[str, TableSpec],
    report: Report,
    elsewhere: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """`elsewhere` are fields of the record that stand under other keys, and what there is to say of each."""
    known = {name: target for name, target in targets(record).items() if name not in elsewhere}
    for name, rule in rules.items():
        here = f"{pointer}/{escape(name)}"
        target = known.get(name)
        if name in elsewhere:
            report.add("manifest.unknownField", f"{name} {elsewhere[name]}", here, found=name)
            continue
        if target is None:
            message = f"{record.__name__} has no field {name!r}"
            report.add("manifest.unknownField", message, here, found=name, words=tuple(known))
            continue
        _check_rule(rule, target, here, tables, report)
    meant = {nearest(name, known) for name in rules if name not in known}
    for name, target in known.items():
        if target.required and name not in rules and name not in meant:
            report.add("manifest.requiredField", f"the required field {name!r} is not mapped", pointer, found=None)


def _check_rule(rule: FieldRule, target: Target, pointer: str, tables: Mapping[str, TableSpec], report: Report) -> None:
    if rule.vocabulary is not None and rule.vocabulary not in tables:
        message = f"there is no table {rule.vocabulary!r} under vocabularies"
        report.add(
            "manifest.unknownTable", message, f"{pointer}/vocabulary", found=rule.vocabulary, words=tuple(tables)
        )
        return
    if target.record is not None:
        if rule.fields is None:
            message = f"{target.name} holds objects; say with `fields` what they are made of"
            report.add("manifest.fieldsMissing", message, pointer, words=tuple(targets(target.record)))
        else:
            _check_fields(rule.fields, target.record, f"{pointer}/fields", tables, report)
    elif rule.fields is not None:
        report.add(
            "manifest.fieldsUnexpected", f"{target.name} holds no object, so it has no `fields`", f"{pointer}/fields"
        )
    elif rule.constant is not None:
        _check_constant(rule.constant, rule, target, pointer, tables, report)


def _check_constant(
    constant: Any, rule: FieldRule, target: Target, pointer: str, tables: Mapping[str, TableSpec], report: Report
) -> None:
    where = pointer if rule.constant is None else f"{pointer}/constant"
    words = allowed_words(target)
    for value in constant if isinstance(constant, list) else [constant]:
        text = str(value)
        if target.region:
            if region_tree().get(text) is None:
                report.add("manifest.region", f"{text} is no GB/T 2260 region code", where, found=text)
        elif target.scheme is not None:
            if Lookup(tables[rule.vocabulary] if rule.vocabulary else None, target.scheme).find(text) is None:
                report.add(
                    "manifest.unknownCode", f"{target.name} has no word {text!r}", where, found=text, words=words
                )
        elif target.words is not None and text not in words:
            report.add("manifest.unknownCode", f"{target.name} has no word {text!r}", where, found=text, words=words)


def allowed_words(target: Target) -> tuple[str, ...]:
    """The codes a field takes; none where it takes anything."""
    if target.words is not None:
        return tuple(target.words)
    return tuple(vocabulary(target.scheme).terms) if target.scheme is not None else ()


def _check_tables(document: ManifestDocument, report: Report) -> None:
    used = {name: set[Target]() for name in document.vocabularies}
    for target, rule in _rules_of(document):
        if rule.vocabulary in used:
            used[rule.vocabulary].add(target)
    for name, table in document.vocabularies.items():
        pointer = f"/vocabularies/{escape(name)}"
        if not used[name]:
            report.add("manifest.unusedTable", f"no field uses the table {name!r}", pointer, severity=Severity.WARNING)
        for target in used[name]:
            _check_codes(table, target, f"{pointer}/values", report)


def _check_codes(table: TableSpec, target: Target, pointer: str, report: Report) -> None:
    scheme: VocabularyScheme | None = table.scheme or target.scheme
    words = tuple(vocabulary(scheme).terms) if scheme is not None else allowed_words(target)
    for value, codes in table.values.items():
        for code in codes:
            known = region_tree().get(code) is not None if target.region else not words or code in words
            if not known:
                message = f"{code!r} is no code for {target.name}"
                report.add("manifest.unknownCode", message, f"{pointer}/{escape(value)}", found=code, words=words)


def _rules_of(document: ManifestDocument) -> Iterator[tuple[Target, FieldRule]]:
    for _, section in document.sections():
        yield from _all_rules(section.fields, section.target())


def _all_rules(rules: Mapping[str, FieldRule], record: type[Record]) -> Iterator[tuple[Target, FieldRule]]:
    for name, rule in rules.items():
        target = targets(record).get(name)
        if target is None:
            continue
        yield target, rule
        if rule.fields is not None and target.record is not None:
            yield from _all_rules(rule.fields, target.record)


ESSENTIAL = ("url", "stages", "subjects", "updatedAt", "access", "region")


def _tell_what_is_missing(document: ManifestDocument, report: Report) -> None:
    """Fields that searches live on; a manifest without them works, its records are found less."""
    for name in ESSENTIAL:
        if name not in document.harvest.fields:
            message = f"{name} is not mapped; searches and filters will miss it"
            if name == "access":
                message = "access is not mapped: every record will be PUBLIC, shown to everybody"
            report.add("manifest.unmappedField", message, "/harvest/fields", severity=Severity.INFO)
