"""Validation errors of a manifest as findings with place, expectation and the nearest valid spelling."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from connectors.components import models_of
from connectors.manifest.document import Document, escape
from connectors.manifest.model import ManifestDocument
from connectors.manifest.notes import shortened
from schema.findings import Finding

DOCUMENTATION = "docs/manifest.md"
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
_TYPES = {"string_type", "int_type", "dict_type", "list_type", "tuple_type", "model_type", "bool_type", "float_type"}


def explain(error: ValidationError, document: Document) -> list[Finding]:
    """One finding per mistake, in the order pydantic met them."""
    found: dict[tuple[str, str], Finding] = {}
    for detail in error.errors(include_url=False):
        finding = _finding(detail, document)
        found.setdefault((finding.code, finding.pointer or ""), finding)
    return list(found.values())


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word most like this one, None when none is alike."""
    known = {candidate.lower(): candidate for candidate in words}
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return known[close[0]] if close else None


def _finding(detail: ErrorDetails, document: Document) -> Finding:
    kind, context = detail["type"], detail.get("ctx", {})
    loc = _present(detail["loc"], document.value, keep_last=kind in ("missing", "extra_forbidden"))
    pointer = "".join(f"/{escape(part)}" for part in loc)
    code = _CODES.get(kind) or ("manifest.wrongType" if kind in _TYPES else "manifest.invalidValue")
    expected, suggestion = _expectation(detail, loc, context)
    position = document.position(pointer, of_key=kind == "extra_forbidden")
    message = _message(detail, loc)
    shown = detail["input"]
    if kind == "string_type" and isinstance(shown, int | float) and not isinstance(shown, bool):
        suggestion = f'"{shown}"'
        message += "; put it into quotation marks"
    return Finding(
        code=code,
        message=message,
        pointer=pointer,
        line=position.line if position else None,
        column=position.column if position else None,
        expected=expected,
        found=None if kind in ("missing", "union_tag_not_found") else _shown(loc, kind, context, shown),
        suggestion=suggestion,
        documentation_url=_anchor(loc),
    )


def _shown(loc: Sequence[int | str], kind: str, context: dict[str, Any], value: Any) -> str:
    if kind == "extra_forbidden":
        return str(loc[-1])
    return shortened(str(context.get("unknown") or context.get("tag") or value))


def _message(detail: ErrorDetails, loc: Sequence[int | str]) -> str:
    where = ".".join(str(part) for part in loc) or "the manifest"
    match detail["type"]:
        case "extra_forbidden":
            return f"{where}: there is no such key"
        case "missing":
            return f"{where} is missing"
        case _:
            return f"{where}: {detail['msg'].removeprefix('Value error, ')}"


def _expectation(
    detail: ErrorDetails, loc: Sequence[int | str], context: dict[str, Any]
) -> tuple[str | None, str | None]:
    """What was expected and what was probably meant."""
    match detail["type"]:
        case "extra_forbidden":
            words = _keys(detail["loc"])
            return ("one of " + ", ".join(words) if words else None), nearest(str(loc[-1]), words)
        case "union_tag_invalid":
            words = [word.strip(" '") for word in str(context.get("expected_tags", "")).split(",")]
            return "one of " + ", ".join(words), nearest(str(context.get("tag")), words)
        case "enum" | "literal_error":
            words = [word.strip(" '") for word in str(context.get("expected", "")).replace(" or ", ",").split(",")]
            return "one of " + ", ".join(words), nearest(str(detail["input"]), words)
        case "transform" if context.get("allowed"):
            return "one of " + ", ".join(context["allowed"]), nearest(str(context["unknown"]), context["allowed"])
        case "string_type":
            return "text", None
        case "int_type":
            return "a whole number", None
        case "dict_type" | "model_type":
            return "a mapping", None
        case "list_type" | "tuple_type":
            return "a list", None
        case _:
            return None, None


def _present(loc: Sequence[int | str], value: Any, *, keep_last: bool) -> list[int | str]:
    """The location without the parts pydantic adds for alternatives, which stand in no document."""
    found: list[int | str] = []
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        children = _children(value)
        if part in children:
            value = children[part]
        elif not (last and keep_last):
            continue
        found.append(part)
    return found


def _children(value: Any) -> dict[Any, Any]:
    if isinstance(value, list):
        return dict(enumerate(value))
    return value if isinstance(value, dict) else {}


def _keys(loc: Sequence[int | str]) -> list[str]:
    """The keys that could stand where the last part of a location stands."""
    models: list[type[BaseModel]] = [ManifestDocument]
    for part in loc[:-1]:
        fields = [info for model in models for name, info in model.model_fields.items() if (info.alias or name) == part]
        if fields:
            models = [model for info in fields for model in models_of(info)]
        elif isinstance(part, str):
            tagged = [model for model in models if part in _tags(model)]
            models = tagged or models
    return sorted({info.alias or name for model in models for name, info in model.model_fields.items()})


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    tag = model.model_fields.get("kind") or model.model_fields.get("protocol")
    named = get_args(tag.annotation) if tag else ()
    return (*named, model.__name__)


def _anchor(loc: Sequence[int | str]) -> str:
    words = [part for part in loc if isinstance(part, str)]
    return f"{DOCUMENTATION}#{words[0].lower()}" if words else DOCUMENTATION
