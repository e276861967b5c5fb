"""Validation errors of a manifest as findings with place, expectation and the nearest valid spelling."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from connectors.manifest.document import Document, escape
from connectors.manifest.notes import shortened
from connectors.manifest.places import Place, locate, tags_of
from connectors.manifest.rules import FieldRule
from schema.findings import Finding

DOCUMENTATION = "docs/checking.md"
_CODES = {
    "extra_forbidden": "manifest.unknownKey",
    "missing": "manifest.missingKey",
    "union_tag_not_found": "manifest.missingKey",
    "union_tag_invalid": "manifest.unknownWord",
    "enum": "manifest.unknownWord",
    "literal_error": "manifest.unknownWord",
    "jmespath": "manifest.path",
    "template": "manifest.template",
    "regex": "manifest.regex",
    "transform": "manifest.transform",
    "origin": "manifest.origin",
    "version": "manifest.version",
    "sources": "manifest.rule",
}
_TYPES = {
    "text": ("string_type", "string_sub_type"),
    "a whole number": ("int_type", "int_parsing", "int_from_float"),
    "a number": ("float_type", "float_parsing"),
    "true or false": ("bool_type", "bool_parsing"),
    "a mapping": ("dict_type", "model_type", "model_attributes_type"),
    "a list": ("list_type", "tuple_type"),
}
_PATH_OR_MAPPING = "a path as text, or a mapping"
_PATTERNS = {
    "^/": "a path that begins with / and holds no query",
    "^[0-9]{6}": "six digits in quotation marks",
    "^[a-z][a-z0-9]*(": "small letters and digits, with single hyphens between",
}
_EXPECTED_TYPE = {kind: expected for expected, kinds in _TYPES.items() for kind in kinds}
_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
    "string_too_short": ("characters: at least", "min_length"),
    "string_too_long": ("characters: at most", "max_length"),
    "too_short": ("entries: at least", "min_length"),
    "too_long": ("entries: at most", "max_length"),
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What there is to say about one error beside its place."""

    message: str
    expected: str | None = None
    found: str | None = None
    suggestion: str | None = None


def explain(error: ValidationError, document: Document) -> list[Finding]:
    """One finding per mistake, in the order pydantic met them; a misspelled key is not told to be missing, too."""
    found: dict[tuple[str, str], Finding] = {}
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]:
            continue  # an entry that is wrong does not count, and is told by itself
        finding = _finding(detail, document)
        found.setdefault((finding.code, finding.pointer or ""), finding)
    meant = {_meant(finding) for finding in found.values() if finding.suggestion}
    return [one for one in found.values() if one.code != "manifest.missingKey" or one.pointer not in meant]


def documentation_of(code: str) -> str:
    """The heading about a code of findings."""
    if code.isupper():  # what ends a reading, not what is wrong with a manifest
        return f"docs/errors.md#{code.lower()}"
    return f"{DOCUMENTATION}#{re.sub(r'[^a-z0-9_-]', '', code.lower())}"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word most like this one, None when none is alike."""
    known = {candidate.lower(): candidate for candidate in words}
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return known[close[0]] if close else None


def one_of(words: Sequence[str]) -> str | None:
    """Words as something to expect, None where there are none."""
    return "one of " + ", ".join(words) if words else None


def _meant(finding: Finding) -> str:
    """The pointer of a misspelled key, had it been written well."""
    parent = (finding.pointer or "").rpartition("/")[0]
    return f"{parent}/{escape(finding.suggestion or '')}" if finding.code == "manifest.unknownKey" else ""


def _finding(detail: ErrorDetails, document: Document) -> Finding:
    kind, loc = detail["type"], detail["loc"]
    misspelled = _misspelled_tag(detail, document)
    if misspelled is not None:
        return misspelled
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        # the place is that of the word that chooses, which pydantic names in quotation marks only
        loc = (*loc, str(detail["ctx"]["discriminator"]).strip("'"))
    place = locate(loc, document.value, absent=kind in ("missing", "extra_forbidden", "union_tag_not_found"))
    path = place.path
    named = _named(_words(detail), path, document) if kind == "value_error" else []
    path = (*path, *named)
    code = _CODES.get(kind) or ("manifest.wrongType" if kind in _EXPECTED_TYPE else "manifest.invalidValue")
    where = ".".join(str(part) for part in path) or "the manifest"
    said = _Said(_words(detail)) if named else _said(detail, place, where)
    return _placed(code, said, path, document)


def _placed(code: str, said: _Said, path: Sequence[int | str], document: Document) -> Finding:
    """The finding with its place."""
    pointer = "".join(f"/{escape(part)}" for part in path)
    position = document.position(pointer, of_key=code == "manifest.unknownKey")
    return Finding(
        code=code,
        message=said.message,
        pointer=pointer,
        line=position.line if position else None,
        column=position.column if position else None,
        expected=said.expected,
        found=said.found,
        suggestion=said.suggestion,
        documentation_url=documentation_of(code),
    )


def _misspelled_tag(detail: ErrorDetails, document: Document) -> Finding | None:
    """The finding about a key that was probably to be the one that chooses a protocol or kind."""
    if detail["type"] != "union_tag_not_found" or not isinstance(detail["input"], dict):
        return None
    tag = str(detail["ctx"]["discriminator"]).strip("'")
    place = locate((*detail["loc"], tag), document.value, absent=True)
    unknown = detail["input"].keys() - set(place.keys)
    written = nearest(tag, sorted(unknown))
    if written is None:
        return None
    path = (*place.path[:-1], written)
    message = f"{'.'.join(str(part) for part in path)}: there is no such key"
    return _placed("manifest.unknownKey", _Said(message, tag, written, tag), path, document)


def _words(detail: ErrorDetails) -> str:
    return detail["msg"].removeprefix("Value error, ")


def _named(message: str, path: Sequence[int | str], document: Document) -> list[str]:
    """The keys with which a message begins, as far as they stand below a path: `harvest.origin is …`."""
    words = re.match(r"[A-Za-z.]+", message)
    found: list[str] = []
    for word in words[0].rstrip(".").split(".") if words else ():
        if "".join(f"/{escape(part)}" for part in (*path, *found, word)) not in document.values:
            break
        found.append(word)
    return found


def _said(detail: ErrorDetails, place: Place, where: str) -> _Said:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    match kind:
        case "extra_forbidden":
            return _unknown_key(place, where)
        case "missing":
            return _Said(f"{where} is missing")
        case "union_tag_not_found":
            return _Said(f"{where} is missing", one_of([tag for model in place.holders for tag in tags_of(model)]))
        case "union_tag_invalid" | "enum" | "literal_error":
            known = _quoted(str(context.get("expected_tags") or context.get("expected")))
            tag = str(context.get("discriminator")).strip("'")
            word = value.get(tag, context.get("tag")) if isinstance(value, dict) else value
            return _unknown_word(_word(word), known, where)
        case "transform" if context.get("allowed"):
            allowed, unknown = tuple(context["allowed"]), str(context["unknown"])
            return _Said(f"{where}: {detail['msg']}", one_of(allowed), unknown, nearest(unknown, allowed))
        case "string_pattern_mismatch":
            return _wrong_pattern(str(context["pattern"]), str(value), where)
        case "origin":
            bare = None if "://" in str(value) else f"https://{str(value).partition('/')[0]}"
            suggestion = context.get("origin") or bare
            return _Said(f"{where}: {detail['msg']}", "https://host", _shown(value), suggestion)
        case _ if kind in _EXPECTED_TYPE:
            return _wrong_type(kind, value, place, where)
        case _ if kind in _BOUNDS:
            words, key = _BOUNDS[kind]
            found = str(len(value)) if isinstance(value, list) else _shown(value)
            return _Said(f"{where}: out of bounds", f"{words} {context[key]}", found)
        case _:
            return _Said(f"{where}: {_words(detail)}", found=_shown(value))


def _unknown_key(place: Place, where: str) -> _Said:
    key = str(place.path[-1])
    owners = place.owners(key) if place.tag is not None else ()
    if not owners:
        return _Said(f"{where}: there is no such key", one_of(place.keys), key, nearest(key, place.keys))
    message = f"{where}: {key} belongs to {' and '.join(owners)}, not to {place.tag}"
    if key == "paging":
        message += f"; {place.tag} pages by itself"
    return _Said(message, one_of(place.keys), key)


def _unknown_word(word: str, words: Sequence[str], where: str) -> _Said:
    return _Said(f"{where}: there is no {where.rpartition('.')[2]} {word!r}", one_of(words), word, nearest(word, words))


def _wrong_pattern(pattern: str, value: str, where: str) -> _Said:
    suggestion = next((other for other in (f"/{value}", value.lower()) if re.match(pattern, other)), None)
    expected = next((words for start, words in _PATTERNS.items() if pattern.startswith(start)), f"text like {pattern}")
    return _Said(f"{where}: not written as it must be", expected, shortened(value), suggestion)


def _wrong_type(kind: str, value: Any, place: Place, where: str) -> _Said:
    expected = _PATH_OR_MAPPING if FieldRule in place.models else _EXPECTED_TYPE[kind]
    found = "nothing" if value is None else "a mapping" if isinstance(value, dict) else _shown(value) or "a list"
    if expected == "text" and isinstance(value, int | float) and not isinstance(value, bool):
        return _Said(f"{where}: text was expected; put it into quotation marks", expected, found, f'"{value}"')
    return _Said(f"{where}: {expected} was expected", expected, found)


def _quoted(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"'([^']*)'", text))


def _shown(value: Any) -> str | None:
    return None if isinstance(value, dict | list | tuple) or value is None else shortened(_word(value))


def _word(value: object) -> str:
    """A value as YAML writes it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
