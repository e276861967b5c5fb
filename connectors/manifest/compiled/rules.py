"""What a rule needs of written code: where its value is found, and in which way it becomes the field's own."""

from collections.abc import Mapping

from connectors.extraction import chain_of_names, compile_pattern
from connectors.manifest.compiled.kinds import fields_of
from connectors.manifest.lookups import lookup_for
from connectors.manifest.rules import FieldRule
from connectors.manifest.tables import TableSpec
from connectors.manifest.targets import Target, targets
from connectors.manifest.transforms import takes_lists
from schema.records import Record


def chain_of(rule: FieldRule) -> tuple[str, ...] | None:
    """The names that a rule's source steps through if it does nothing more; none where it is the record itself."""
    if is_about_itself(rule):
        return ()
    path = rule.path or (rule.each if rule.fields is not None else None)
    return chain_of_names(path) if path is not None and not rule.alternatives else None


def is_about_itself(rule: FieldRule) -> bool:
    """Whether no source is named, so that an object is made of the record's own fields."""
    return rule.fields is not None and not (rule.path or rule.each or rule.where or rule.template)


def is_bare(rule: FieldRule) -> bool:
    """Whether nothing is done with the value before it is looked up or taken apart."""
    return rule.split is None and rule.match is None and not rule.transform


def is_of_single_values(rule: FieldRule) -> bool:
    """Whether no transform of a rule wants a list as a whole."""
    return not any(takes_lists(step.name) for step in rule.transform)


def is_looked_up(rule: FieldRule, target: Target, tables: Mapping[str, TableSpec]) -> bool:
    """Whether its values are words of a vocabulary or regions."""
    return lookup_for(target, tables[rule.vocabulary] if rule.vocabulary else None) is not None


def is_of_few(rules: Mapping[str, FieldRule], record: type[Record]) -> bool:
    """Whether records share such objects: names, words and regions, nothing that every record has of its own.

    Then what such an object becomes hangs on the values that plain paths find in it.
    """
    fields, known = fields_of(record), targets(record)
    for name, rule in rules.items():
        if rule.constant is not None:
            continue
        inner = known[name].record
        kind = fields[name].kind
        if kind.own or (kind.quick and rule.transform) or chain_of(rule) is None:
            return False
        if inner is not None and not (rule.fields is not None and is_of_few(rule.fields, inner)):
            return False
    return True


def is_cut_out(rule: FieldRule) -> bool:
    """Whether a pattern cuts one value out of a text, before anything else."""
    if rule.match is None or rule.split is not None or rule.fields is not None:
        return False
    return "value" in compile_pattern(rule.match).groupindex
