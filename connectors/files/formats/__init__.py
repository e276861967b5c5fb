"""The formats of files, one module each, found by name."""

from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from connectors.components import discovered, one_of
from connectors.files.formats.model import FileFormat

PACKAGE = "connectors.files.formats"


class _WrittenShort:
    """Says in the JSON Schema that a format's name alone is enough."""

    def __get_pydantic_json_schema__(self, source: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(discovered(PACKAGE, FileFormat, "kind"))}, handler(source)]}


def _as_mapping(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


AnyFormat = Annotated[FileFormat, one_of(PACKAGE, FileFormat, "kind"), BeforeValidator(_as_mapping), _WrittenShort()]
"""Any format, told apart by `kind`; text is the name of one without further keys."""


def kind_of(name: str) -> str | None:
    """The format that a name such as `lessons.csv` or `lessons.csv.gz` promises; None for those that need more keys."""
    lower = name.lower().removesuffix(".gz")
    for kind, model in discovered(PACKAGE, FileFormat, "kind").items():
        if lower.endswith(model.endings()):
            return kind
    return None


def model_of(kind: str) -> type[FileFormat] | None:
    """The format of that kind, None where there is none."""
    return discovered(PACKAGE, FileFormat, "kind").get(kind)


__all__ = ["AnyFormat", "FileFormat", "kind_of", "model_of"]
