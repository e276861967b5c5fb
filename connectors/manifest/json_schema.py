"""The manifest language as JSON Schema, for editors; `python -m connectors.manifest.json_schema` writes it anew."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import schema
from connectors.components import models_of
from connectors.manifest.model import ManifestDocument
from connectors.manifest.sections import Section, UsageSection
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
    rule = definitions["FieldRule"]
    rule["properties"]["transform"] = _transform()
    definitions["Rule"] = {
        "description": "A field rule, or text that stands for a JMESPath.",
        "anyOf": [{"type": "string"}, {"$ref": "#/$defs/FieldRule"}],
    }
    rule["properties"]["fields"] = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Rule"}}
    for section in _sections():
        definitions[section.__name__]["properties"]["fields"] = _fields(section.target(), _made(section))
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
    """Fields that are not mapped but made of the section's measures or counts."""
    return ("measure", "value") if issubclass(section, UsageSection) else ()


def _fields(record: type[Record], made: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields a manifest may map; those that hold objects need `fields` of their own."""
    known = {name: target for name, target in targets(record).items() if name not in made}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _field(target) for name, target in known.items()},
        "required": [name for name, target in known.items() if target.required],
    }


def _field(target: Target) -> dict[str, Any]:
    if target.record is None:
        return {"$ref": "#/$defs/Rule"}
    inner = {"type": "object", "properties": {"fields": _fields(target.record)}, "required": ["fields"]}
    return {"allOf": [{"$ref": "#/$defs/FieldRule"}, inner]}


def _transform() -> dict[str, Any]:
    name = {"enum": list(transform_names())}
    options = {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": name}
    step = {"anyOf": [name, options]}
    return {"anyOf": [*step["anyOf"], {"type": "array", "items": step}]}


def _loosen(definitions: dict[str, Any]) -> None:
    """Spellings that are accepted beside the one pydantic describes."""
    one = {"$ref": "#/$defs/RequestSpec"}
    for section in _sections():
        properties = definitions[section.__name__]["properties"]
        if properties.get("request", {}).get("type") == "array":
            properties["request"] = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": 100}]}
        for name, rules in (("measures", "Rule"), ("counts", "CountSpec")):
            if name in properties:
                text = {"type": "string"}
                entry = {"$ref": f"#/$defs/{rules}"}
                properties[name]["additionalProperties"] = entry if rules == "Rule" else {"anyOf": [text, entry]}
    lookback = definitions["IncrementalSpec"]["properties"]["lookback"]
    definitions["IncrementalSpec"]["properties"]["lookback"] = {"anyOf": [lookback, {"type": "string"}]}
    status = definitions["Failure"]["properties"]["status"]
    definitions["Failure"]["properties"]["status"] = {
        "anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "array", "items": {"type": ["integer", "string"]}}],
        "default": status.get("default", []),
    }
    values = definitions["TableSpec"]["properties"]["values"]
    code = {"type": ["string", "integer", "null"]}
    values["additionalProperties"] = {"anyOf": [code, {"type": "array", "items": {"type": "string"}}]}


def rendered() -> str:
    """The published text: two spaces, Chinese as it is, a line feed at the end."""
    return json.dumps(manifest_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PUBLISHED.write_text(rendered(), "utf-8")
