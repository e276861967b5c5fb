"""From a platform's word to the field's own value: codes, coded terms and regions."""

from collections.abc import Callable
from typing import Any

from connectors.manifest.notes import Notes
from connectors.manifest.tables import STRICTEST, Lookup, OnUnmapped, TableSpec
from connectors.manifest.targets import Target
from schema.regions import region_tree

Mapped = Callable[[Any, Notes, str], Any]
"""Value, notes and the field's name in; one value, a list of values or None out."""


def lookup_for(target: Target, table: TableSpec | None) -> Mapped | None:
    """How values of a field are looked up; None where they are taken as they are."""
    if target.region:
        return _regions(Lookup(table, None))
    if table is None and target.scheme is None:
        return None
    lookup = Lookup(table, target.scheme)
    return _coded(lookup) if target.coded else _codes(lookup)


def word(value: Any) -> str | None:
    """A scalar as tables know it; None for lists and objects."""
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def _unknown(lookup: Lookup, value: str, notes: Notes, name: str) -> None:
    if lookup.on_unmapped is OnUnmapped.QUARANTINE:
        notes.invalid(name, f"{name}: no table knows this value", value, code="unmapped")
    elif lookup.on_unmapped is OnUnmapped.REPORT:
        notes.unknown(name, value)


def _found(lookup: Lookup, value: Any, notes: Notes, name: str) -> tuple[str, ...] | None:
    text = word(value)
    if text is None:
        notes.invalid(name, f"{name}: a word was expected, not a list or an object", value)
        return None
    codes = lookup.find(text)
    if codes is None:
        _unknown(lookup, text, notes, name)
        keep = lookup.on_unmapped is not OnUnmapped.DROP or lookup.other == STRICTEST
        return (lookup.other,) if lookup.other and keep else None
    return codes


def _codes(lookup: Lookup) -> Mapped:
    def codes(value: Any, notes: Notes, name: str) -> Any:
        found = (lookup.find(value) if type(value) is str else None) or _found(lookup, value, notes, name)
        if not found:
            return None
        return found[0] if len(found) == 1 else list(found)

    return codes


def _coded(lookup: Lookup) -> Mapped:
    def coded(value: Any, notes: Notes, name: str) -> Any:
        found = (lookup.find(value) if type(value) is str else None) or _found(lookup, value, notes, name)
        if not found:
            return None
        native = word(value)
        terms = [{"code": code, "native": native} if native != code else {"code": code} for code in found]
        return terms[0] if len(terms) == 1 else terms

    return coded


def _regions(lookup: Lookup) -> Mapped:
    tree = region_tree()

    def regions(value: Any, notes: Notes, name: str) -> Any:
        text = word(value)
        codes = (lookup.find(text) if text is not None else None) or ((text,) if text is not None else ())
        if codes and all(tree.get(code) for code in codes):
            return codes[0] if len(codes) == 1 else list(codes)
        _unknown(lookup, text or str(value), notes, name)
        return None

    return regions
