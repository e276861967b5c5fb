"""OpenAPI 3 and Swagger 2 documents: read safely, with their operations, schemas and references inside the document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import yaml

from connectors.errors import Malformed

MOST_BYTES = 16 * 1024**2
DEEPEST = 200
METHODS = ("get", "post")
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `schema` is that of its good answer, `body` that of what is posted."""

    method: str
    path: str
    said: Mapping[str, Any]
    parameters: tuple[Mapping[str, Any], ...]
    schema: Any
    body: Any

    @property
    def name(self) -> str:
        """Its operationId, or method and path."""
        return str(self.said.get("operationId") or f"{self.method.upper()} {self.path}")


@dataclass(slots=True)
class ApiDocument:
    """A parsed document; `outside` collects references that lead out of it, which are not followed."""

    root: Mapping[str, Any]
    outside: list[str] = field(default_factory=list)

    @property
    def is_swagger(self) -> bool:
        """Whether it is Swagger 2."""
        return "swagger" in self.root

    def resolved(self, value: Any) -> Any:
        """What a value is after following references, an empty mapping where they lead nowhere or in a circle."""
        seen: set[str] = set()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            reference = value["$ref"]
            if reference in seen:
                return {}
            seen.add(reference)
            if not reference.startswith("#/"):
                if reference not in self.outside:
                    self.outside.append(reference)
                return {}
            value = self._at(reference)
        return value if isinstance(value, dict) else {}

    def _at(self, reference: str) -> Any:
        value: Any = self.root
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, dict) or key not in value:
                return {}
            value = value[key]
        return value

    def operations(self) -> Iterator[Operation]:
        """The operations that read, in the order of the document."""
        paths = self.root.get("paths")
        for path, entry in (paths if isinstance(paths, dict) else {}).items():
            item = self.resolved(entry)
            for method in METHODS:
                said = item.get(method)
                if isinstance(said, dict) and str(path).startswith("/"):
                    yield self._operation(method, str(path), said, item.get("parameters"))

    def _operation(self, method: str, path: str, said: Mapping[str, Any], shared: Any) -> Operation:
        both = [*_listed(shared), *_listed(said.get("parameters"))]
        parameters = tuple(one for one in map(self.resolved, both) if isinstance(one.get("name"), str))
        answers = {str(key): value for key, value in _mapping(said.get("responses")).items()}
        answer = self.resolved(next((answers[key] for key in ("200", "201", "2XX", "default") if key in answers), {}))
        if self.is_swagger:
            body = next((one.get("schema") for one in parameters if one.get("in") == "body"), None)
            return Operation(method, path, said, parameters, answer.get("schema"), body)
        posted = self.resolved(said.get("requestBody"))
        return Operation(method, path, said, parameters, _schema_of(answer), _schema_of(posted))


def _schema_of(holder: Mapping[str, Any]) -> Any:
    content = _mapping(holder.get("content"))
    chosen = next((kind for kind in content if "json" in str(kind).lower()), _JSON if _JSON in content else "*/*")
    return _mapping(content.get(chosen)).get("schema")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def read_api(body: bytes, name: str) -> ApiDocument:
    """Parse JSON or YAML; raises `Malformed` saying why it is no API description."""
    if len(body) > MOST_BYTES:
        raise Malformed(f"{name} has more than {MOST_BYTES >> 20} MB")
    root = _parsed(body, name)
    if not isinstance(root, dict) or not ("openapi" in root or "swagger" in root):
        raise Malformed(f"{name} is no OpenAPI document: it begins neither with openapi: 3 nor with swagger: 2")
    version = str(root.get("openapi", root.get("swagger")))
    if not version.startswith(("3.", "2.")):
        raise Malformed(f"{name} is OpenAPI {version[:20]}; versions 2 and 3 are read")
    return ApiDocument(root)


def _parsed(body: bytes, name: str) -> Any:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"{name} is not UTF-8 (byte {error.start})") from None
    if text.lstrip().startswith("{"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise Malformed(f"{name} is no JSON: {error}") from None
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
                raise Malformed(f"{name} uses YAML aliases or is nested too deeply; save it as JSON")
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Malformed(f"{name} is no YAML: {' '.join(str(error).split())[:200]}") from None
