"""The manifest language as JSON Schema, for editors; `python -m connectors.manifest.json_schema` writes it anew."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import schema
from connectors.components import discovered, models_of
from connectors.files.formats import PACKAGE, FileFormat
from connectors.manifest.model import ManifestDocument
from connectors.manifest.rules import MOST_STEPS
from connectors.manifest.sections import NOT_MAPPED, Section, UsageSection
from connectors.manifest.targets import Target, targets
from connectors.manifest.transforms import transform_names
from schema.records import Record

PUBLISHED = Path(schema.__path__[0]) / "manifest.schema.json"


def manifest_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a manifest.

    What pydantic cannot know is added: a rule may be written as a path, fields are those of the resource record.
    """
    generated = ManifestDocument.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = generated["$defs"]
    definitions["FieldRule"]["properties"]["transform"] = _transform()
    definitions["Rule"] = _or_text("FieldRule") | {"description": "A field rule, or text that stands for a path."}
    definitions["FieldRule"]["properties"]["fields"] = {"type": "object", "additionalProperties": _RULE}
    definitions["CountSpec"]["properties"]["sum"] = _RULE
    for section in _sections():
        name = f"{section.target().__name__}Fields"
        definitions[name] = _fields(section.target(), _made(section))
        fields = {"$ref": f"#/$defs/{name}", "required": _required(section)}
        definitions[section.__name__]["properties"]["fields"] = fields
    _loosen(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:shanhai:schema:manifest",
        **generated,
        "title": "Shanhai connector manifest",
    }


def _sections() -> Iterator[type[Section]]:
    """Every section with each protocol's keys."""
    for name in ("harvest", "training", "usage", "search"):
        for model in models_of(ManifestDocument.model_fields[name]):
            if issubclass(model, Section):
                yield model


def _made(section: type[Section]) -> tuple[str, ...]:
    """Fields that stand under the section's measures, sketches, weights or counts."""
    return tuple(NOT_MAPPED) if issubclass(section, UsageSection) else ()


def _required(section: type[Section]) -> list[str]:
    """Fields that a section has to map, as far as its protocol does not know them in any of its formats."""
    written = ({}, *({"format": kind} for kind in discovered(PACKAGE, FileFormat, "kind")))
    known = {name for one in written for name in section.default_fields(one)}.union(_made(section))
    return [name for name, target in targets(section.target()).items() if target.required and name not in known]


def _fields(record: type[Record], made: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields a manifest may map; those that hold objects need `fields` of their own."""
    known = {name: _field(target) for name, target in targets(record).items() if name not in made}
    return {"type": "object", "additionalProperties": False, "properties": known}


def _field(target: Target) -> dict[str, Any]:
    if target.record is None:
        return _RULE
    required = [name for name, inner in targets(target.record).items() if inner.required]
    fields = _fields(target.record) | {"required": required}
    inner = {"type": "object", "properties": {"fields": fields}, "required": ["fields"]}
    return {"allOf": [{"$ref": "#/$defs/FieldRule"}, inner]}


def _transform() -> dict[str, Any]:
    name = {"enum": list(transform_names())}
    options = {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": name}
    step = {"anyOf": [name, options, {"$ref": "#/$defs/TransformStep"}]}
    return {"anyOf": [*step["anyOf"], {"type": "array", "items": step, "maxItems": MOST_STEPS}]}


def _loosen(definitions: dict[str, Any]) -> None:
    """Spellings that are accepted beside the one pydantic describes."""
    entries = {
        **dict.fromkeys(("measures", "sketches", "weights"), _RULE),
        "counts": _or_text("CountSpec"),
        "filters": _or_text("FilterSpec"),
    }
    for name in [section.__name__ for section in _sections()] + ["JoinSpec"]:
        properties = definitions[name]["properties"]
        if properties.get("request", {}).get("type") == "array":
            one = {"$ref": "#/$defs/RequestSpec"}
            properties["request"] = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": 100}]}
        for key, entry in entries.items():
            if key in properties:
                properties[key]["additionalProperties"] = entry
    number_or_text = {"type": ["integer", "string"]}
    for name, key, looser in (
        ("IncrementalSpec", "lookback", number_or_text),
        ("SignatureVector", "timestamp", number_or_text | {"default": ""}),
        ("SignatureVector", "nonce", number_or_text | {"default": ""}),
        ("Failure", "status", {"anyOf": [number_or_text, {"type": "array", "items": number_or_text}], "default": []}),
    ):
        definitions[name]["properties"][key] = looser
    for key in ("query", "headers"):
        definitions["RecordedRequest"]["properties"][key]["additionalProperties"] = number_or_text
    code = {"type": ["string", "integer", "null"]}
    codes = {"anyOf": [code, {"type": "array", "items": {"type": "string"}}]}
    definitions["TableSpec"]["properties"]["values"]["additionalProperties"] = codes


def _or_text(name: str) -> dict[str, Any]:
    return {"anyOf": [{"type": "string"}, {"$ref": f"#/$defs/{name}"}]}


_RULE = {"$ref": "#/$defs/Rule"}


def rendered() -> str:
    """The published text: two spaces, Chinese as it is, a line feed at the end."""
    return json.dumps(manifest_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PUBLISHED.write_text(rendered(), "utf-8")
