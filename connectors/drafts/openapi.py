"""A first manifest drafted from an OpenAPI or Swagger document: the operation that lists, and what its records say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from connectors.drafts import names
from connectors.drafts.columns import Steps, jmespath, places_of
from connectors.drafts.draft import About, Draft, Given
from connectors.drafts.fields import Material, draft_fields
from connectors.drafts.life import guess_deleted
from connectors.drafts.listings import draft_failures, draft_paging
from connectors.drafts.names import folded
from connectors.drafts.oai import code_of
from connectors.drafts.openapi_document import ApiDocument, Operation, read_api
from connectors.drafts.openapi_examples import Imagined
from connectors.drafts.openapi_security import draft_security
from connectors.drafts.requests import NOT_FIXED
from connectors.drafts.sample import RECORDS, Section, completed
from connectors.drafts.writing import Block, shown
from connectors.errors import Malformed
from connectors.extraction import JMESPATH
from connectors.transport.urls import origin

MOST_NAMED = 12
_LISTS = ("resource", "course", "lesson", "list", "search", "material", "catalog", "kecheng", "ziyuan")
_TRAINING = ("training", "teacher", "peixun", "activity", "record")
_USAGE = ("usage", "stat", "daily", "report", "metric")
_WORDS = {"harvest": _LISTS, "training": _TRAINING, "usage": _USAGE}


@dataclass(frozen=True, slots=True)
class _Listing:
    """An operation that lists, where its records are, and their schema."""

    operation: Operation
    steps: Steps
    items: Any
    score: float


def draft_from_openapi(body: bytes, name: str, about: About | None = None, operation: str | None = None) -> Draft:
    """Draft a manifest from an OpenAPI 3 or Swagger 2 document, YAML or JSON.

    `operation` is the operationId, or method and path, of the listing where another is meant than the likeliest.
    Raises `Malformed` for a document that cannot be used, naming the operations there are.
    """
    about = about or About()
    api = read_api(body, name)
    imagined = Imagined(api, RECORDS[about.section])
    listings = sorted(_listings(api, imagined, about), key=lambda one: -one.score)
    chosen = _chosen(api, listings, operation, name)
    home, prefix, known = _home(api, about)
    about = replace(about, address=home if known else None)
    section = _section(imagined, chosen, about.section, home if known else None, prefix)
    others = [shown(one.operation.name, 80) for one in listings if one is not chosen]
    if others:
        section.keys.remark(f"other operations that list: {', '.join(dict.fromkeys(others[:MOST_NAMED]))}")
    drafted = draft_fields(imagined.record, section.material)
    info = api.root.get("info")
    title = str(info.get("title") or "").strip() if isinstance(info, dict) else ""
    code = code_of(urlsplit(home).hostname or "") if home else None
    head = {
        "name": Given(title[:200], "guess: the title of the document") if title else Given(None, ""),
        "code": Given(code, "guess: from the host; it never changes again"),
    }
    draft = completed(section, drafted, about, head, f"the schema of {chosen.operation.name}")
    return replace(draft, notes=(*draft.notes, *(f"not followed: {one}" for one in api.outside[:MOST_NAMED])))


def _listings(api: ApiDocument, imagined: Imagined, about: About) -> Iterator[_Listing]:
    for operation in api.operations():
        for steps, items in _arrays(imagined, operation.schema, ()):
            yield _Listing(operation, steps, items, _score(operation, imagined.properties(items), steps, about))


def _arrays(imagined: Imagined, schema: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    items = imagined.items(schema)
    if items is not None:
        if imagined.properties(items):
            yield steps, items
    elif len(steps) < 4:
        for key, inner in imagined.properties(schema).items():
            yield from _arrays(imagined, inner, (*steps, key))


def _score(operation: Operation, properties: Mapping[str, Any], steps: Steps, about: About) -> float:
    text = f"{operation.path} {operation.name} {operation.said.get('summary', '')}".lower()
    asked = {folded(one["name"]) for one in operation.parameters}
    score = 3.0 * any(word in text for word in _WORDS[about.section]) + min(len(properties), 30) / 10
    score += 2 * bool(asked & {*names.PAGE, *names.SIZE, *names.OFFSET, *names.TOKEN})
    score -= 10 * ("{" in operation.path) + len(steps) * 0.2 + (operation.method == "post")
    return score


def _chosen(api: ApiDocument, listings: list[_Listing], wanted: str | None, name: str) -> _Listing:
    if wanted is not None:
        meant = [
            one
            for one in listings
            if wanted in (one.operation.name, f"{one.operation.method.upper()} {one.operation.path}")
        ]
        if meant:
            return meant[0]
    if listings and wanted is None and listings[0].score > -5:
        return listings[0]
    there = ", ".join(one.name for one in list(api.operations())[:MOST_NAMED]) or "none that reads"
    what = (
        f"{wanted!r} lists no objects as JSON"
        if wanted
        else f"{name} describes no operation that lists objects as JSON"
    )
    listed = ", ".join(dict.fromkeys(one.operation.name for one in listings[:MOST_NAMED]))
    raise Malformed(f"{what}; " + (f"these do: {listed}" if listed else f"its operations: {there}"))


def _home(api: ApiDocument, about: About) -> tuple[str, str, bool]:
    """The origin, the path before all paths, and whether the origin is known."""
    if api.is_swagger:
        host, base = api.root.get("host"), str(api.root.get("basePath") or "")
        schemes = api.root.get("schemes")
        scheme = "https" if not isinstance(schemes, list) or "https" in schemes else "http"
        address = f"{scheme}://{host}{base}" if host else base
    else:
        servers = api.root.get("servers")
        first = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], dict) else {}
        address = str(first.get("url") or "")
        variables = first.get("variables")
        for key, one in (variables if isinstance(variables, dict) else {}).items():
            address = address.replace(f"{{{key}}}", str(one.get("default", "")) if isinstance(one, dict) else "")
    try:
        parts = urlsplit(urljoin(about.address, address) if about.address else address)
    except ValueError as error:
        raise Malformed(f"the server's address is none: {error}") from None
    try:
        return origin(f"{parts.scheme}://{parts.netloc}"), parts.path.rstrip("/"), True
    except ValueError:
        return "", parts.path.rstrip("/"), False


def _section(imagined: Imagined, chosen: _Listing, section: str, home: str | None, prefix: str) -> Section:
    operation, keys, before = chosen.operation, Block(), Block()
    draft_security(before, imagined.api, operation, home)
    asked = _asked(imagined, operation)
    document = imagined.outside(operation.schema, chosen.steps)
    paging = draft_paging(document, 100, {key: str(value) for key, value in asked.items()})
    keys.put("protocol", "rest")
    keys.put("request", _request(imagined, operation, prefix), f"guess: the operation {operation.name}")
    if paging:
        keys.put("paging", paging)
    else:
        keys.remark("paging: the operation has no parameters of pages")
    keys.put("records", jmespath(chosen.steps, False), "guess: the list of objects in the answer")
    since = next((key for key in asked if folded(key.rpartition(".")[2]) in names.SINCE), None)
    if since is not None:
        keys.put("incremental", {"parameter": since}, "guess: by its name; say the format (docs/manifest.md)")
    rows = draft_failures(document)
    if rows:
        before.put("failures", [row for row, _ in rows], f"guess: {rows[0][1]}")
    records = [imagined.made(chosen.items, number) for number in range(imagined.most_values(chosen.items))]
    shaped = [record for record in records if isinstance(record, dict)]
    aliases = dict(imagined.descriptions)
    material = Material(
        shaped,
        shaped,
        JMESPATH,
        jmespath,
        home,
        deleted=guess_deleted(places_of(shaped)),
        aliases=aliases,
        imagined=True,
    )
    needed = [f"{section}.request.path"] if "{" in operation.path else []
    return Section(keys, material, before, needed=needed)


def _asked(imagined: Imagined, operation: Operation) -> dict[str, Any]:
    """The parameters of the query, or of the posted body by dotted names, with values as the document states them."""
    found = {one["name"]: _value(imagined.api, one) for one in operation.parameters if one.get("in") == "query"}
    if operation.body is not None:
        found |= dict(_dotted(imagined, operation.body, ""))
    return found


def _dotted(imagined: Imagined, schema: Any, before: str) -> Iterator[tuple[str, Any]]:
    for key, inner in imagined.properties(schema).items():
        if imagined.properties(inner) and before.count(".") < 3:
            yield from _dotted(imagined, inner, f"{before}{key}.")
        elif imagined.items(inner) is None:
            yield f"{before}{key}", _value(imagined.api, {"schema": inner})


def _value(api: ApiDocument, parameter: Mapping[str, Any]) -> Any:
    schema = api.resolved(parameter.get("schema", parameter))
    limit = schema.get("maximum") if folded(str(parameter.get("name", ""))) in names.SIZE else None
    return next(
        (
            one
            for one in (limit, schema.get("default"), schema.get("example"), parameter.get("example"))
            if one is not None
        ),
        100,
    )


def _request(imagined: Imagined, operation: Operation, prefix: str) -> dict[str, Any]:
    request: dict[str, Any] = {"method": "POST"} if operation.method == "post" else {}
    request["path"] = prefix + operation.path.replace("{", "%7B").replace("}", "%7D")
    fixed = {
        one["name"]: _value(imagined.api, one)
        for one in operation.parameters
        if one.get("in") == "query" and one.get("required") and folded(one["name"]) not in NOT_FIXED
    }
    if fixed:
        request["query"] = {key: value for key, value in fixed.items() if isinstance(value, str | int | float)}
    if operation.method == "post" and operation.body is not None:
        outer = [key for key, one in imagined.properties(operation.body).items() if imagined.properties(one)]
        request["json"] = {key: {} for key in outer}
    return request
