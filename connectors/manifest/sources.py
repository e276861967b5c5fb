"""Where a rule's value comes from: a path, alternatives, the entry of a list, a template, a constant."""

from collections.abc import Callable, Sequence
from typing import Any

from connectors.extraction import Expression, Language
from connectors.manifest.rules import FieldRule, Where
from connectors.templates import compile_template

Source = Callable[[Any], Any]


def compile_source(rule: FieldRule, language: Language, *, many: bool) -> Source:
    """A function from a record to the rule's raw value; blank text, empty lists and null are None."""
    if rule.path is not None:
        return _alternatives([language.compile(path) for path in (rule.path, *rule.alternatives)])
    if rule.each is not None:
        return _elements(language.compile_entries(rule.each))
    if rule.where is not None:
        return _where(rule.where, language, many=many)
    if rule.template is not None:
        fill = compile_template(rule.template, language)
        return lambda record: present(fill(record))
    if rule.constant is not None:
        constant = rule.constant
        return lambda _: constant
    return lambda record: record


def present(value: Any) -> Any:
    """None for everything that says nothing."""
    if type(value) is str:
        return value.strip() or None
    if type(value) is list:
        return [item for item in value if item is not None and item != ""] or None
    return value


def _alternatives(expressions: Sequence[Expression]) -> Source:
    if len(expressions) == 1:
        [only] = expressions

        def single(record: Any) -> Any:
            value = only(record)
            return (value.strip() or None) if type(value) is str else present(value)

        return single

    def first_present(record: Any) -> Any:
        for expression in expressions:
            value = present(expression(record))
            if value is not None:
                return value
        return None

    return first_present


def _elements(expression: Expression) -> Source:
    def elements(record: Any) -> list[Any] | None:
        found = present(expression(record))
        return found if found is None or type(found) is list else [found]

    return elements


def _where(where: Where, language: Language, *, many: bool) -> Source:
    entries = language.compile_entries(where.entries)
    key, value = language.compile(where.key), language.compile(where.value)
    wanted = where.equals

    def matching(record: Any) -> Any:
        found = entries(record)
        if found is None:
            return None
        kept = []
        for entry in found if type(found) is list else [found]:
            name = key(entry)
            if (str(name) if type(name) is int else name) == wanted:
                picked = present(value(entry))
                if picked is not None:
                    if not many:
                        return picked
                    kept.append(picked)
        return kept or None

    return matching
