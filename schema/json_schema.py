"""The resource record as JSON Schema, for partners who map into it; `python -m schema.json_schema` writes it anew."""

import json
from pathlib import Path

from schema.resources import ResourceRecord

PUBLISHED = Path(__file__).with_name("resource.schema.json")


def resource_schema() -> dict[str, object]:
    """JSON Schema (2020-12) of one `ResourceRecord` as camelCase JSON."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:shanhai:schema:resource",
        **ResourceRecord.model_json_schema(by_alias=True),
    }


def rendered() -> str:
    """The published text: two spaces, Chinese as it is, a line feed at the end."""
    return json.dumps(resource_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PUBLISHED.write_text(rendered(), "utf-8")
