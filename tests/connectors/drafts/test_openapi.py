"""Drafts from API descriptions: the operation, its parameters, the proof of who asks, and what the records say."""

from typing import Any

import orjson
import pytest
import yaml

from connectors.drafts import About, draft_from_openapi
from connectors.errors import Malformed
from tests.connectors.drafts.drafting import connected, errors, rows

ABOUT = About(region="420100")
API = """
openapi: 3.0.3
info: {title: 江城云课开放接口, version: "1.2"}
servers: [{url: "https://api.jiangcheng.example/open"}]
security: [{key: []}]
paths:
  /v1/schools:
    get:
      operationId: listSchools
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/School"}}}}
  /v1/courses:
    get:
      operationId: listCourses
      parameters:
        - {name: pageNo, in: query, schema: {type: integer, default: 1}}
        - {$ref: "#/components/parameters/Size"}
        - {name: updatedSince, in: query, schema: {type: string}}
        - {name: tenant, in: query, required: true, schema: {type: string, default: jiangcheng}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                allOf:
                  - {$ref: "#/components/schemas/Envelope"}
                  - type: object
                    properties:
                      data:
                        type: object
                        properties:
                          total: {type: integer}
                          rows: {type: array, items: {$ref: "#/components/schemas/Course"}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Course-Key}
  parameters:
    Size: {name: pageSize, in: query, schema: {type: integer, maximum: 50}}
  schemas:
    Envelope: {type: object, properties: {code: {type: integer, example: 0}, msg: {type: string}}}
    School:
      type: object
      properties: {id: {type: string}, name: {type: string}, parent: {$ref: "#/components/schemas/School"}}
    Course:
      type: object
      properties:
        bh: {type: string, description: 课程编号}
        f1: {type: string, description: 标题}
        lx: {type: string, enum: [公开课, 微课, 精读课], description: 类型}
        xd: {type: string, enum: [小学, 初中, 高中]}
        detailUrl: {type: string, format: uri}
        school: {$ref: "#/components/schemas/School"}
        gxsj: {type: string, format: date-time}
        cjsj: {type: integer, format: int64, description: 创建时间，毫秒}
        isDeleted: {type: boolean}
        extra: {$ref: "https://evil.example/x.json#/a"}
"""


def described(**changes: Any) -> bytes:
    """The document with other top-level keys."""
    return orjson.dumps({**yaml.safe_load(API), **changes})


def test_a_listing_is_drafted_from_its_description() -> None:
    draft = draft_from_openapi(API.encode(), "api.yaml", ABOUT)
    assert errors(draft) == []
    assert draft.needed == ()
    assert draft.notes == ("not followed: https://evil.example/x.json#/a",)
    assert rows(draft, "platform") == {"code": "jiangcheng", "name": "江城云课开放接口", "region": "420100"}
    harvest = rows(draft, "harvest")
    assert harvest["request"] == [{"path": "/open/v1/courses", "query": {"tenant": "jiangcheng"}}]
    assert harvest["paging"] == {
        "kind": "page", "parameter": "pageNo", "sizeParameter": "pageSize", "size": 50, "total": "data.total",
    }  # fmt: skip
    assert (harvest["records"], harvest["deleted"]) == ("data.rows", "isDeleted")
    assert harvest["incremental"] == {"parameter": "updatedSince"}
    assert rows(draft, "credentials") == {
        "kind": "apiKey",
        "in": "header",
        "name": "X-Course-Key",
        "secret": "platformKey",
    }
    assert rows(draft, "failures")[0]["body"] == "code && code != `0`"


def test_properties_are_known_by_key_description_type_and_enum() -> None:
    fields = connected(draft_from_openapi(API.encode(), "api.yaml", ABOUT)).document.harvest.fields
    assert {name: rule.path for name, rule in fields.items()} == {
        "nativeId": "bh", "title": "f1", "kind": "lx", "url": "detailUrl", "stages": "xd", "provider": "school",
        "publishedAt": "cjsj", "updatedAt": "gxsj",
    }  # fmt: skip
    assert fields["publishedAt"].transform[0].name == "epochMilliseconds"
    assert fields["kind"].vocabulary == "kinds"


def test_yaml_and_json_give_the_same_draft() -> None:
    assert draft_from_openapi(described(), "api", ABOUT) == draft_from_openapi(API.encode(), "api", ABOUT)


def test_another_operation_can_be_chosen() -> None:
    for name in ("listSchools", "GET /v1/schools"):
        harvest = rows(draft_from_openapi(API.encode(), "api", ABOUT, name), "harvest")
        assert harvest["request"] == [{"path": "/open/v1/schools"}]
    with pytest.raises(Malformed, match="listCourses, listSchools"):
        draft_from_openapi(API.encode(), "api", ABOUT, "listTeachers")


SCHEMES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "http", "scheme": "bearer"}, {"kind": "bearer", "secret": "platformToken"}),
    (
        {"type": "http", "scheme": "basic"},
        {"kind": "basic", "username": "platformUser", "password": "platformPassword"},
    ),
    (
        {"type": "apiKey", "in": "query", "name": "ak"},
        {"kind": "apiKey", "in": "query", "name": "ak", "secret": "platformKey"},
    ),
    (
        {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}}},
        {"kind": "oauth2", "tokenUrl": "/oauth/token", "clientId": "clientId", "clientSecret": "clientSecret"},
    ),
]


@pytest.mark.parametrize(("scheme", "expected"), SCHEMES)
def test_security_schemes_become_credentials(scheme: dict[str, Any], expected: dict[str, Any]) -> None:
    components = {**yaml.safe_load(API)["components"], "securitySchemes": {"key": scheme}}
    draft = draft_from_openapi(described(components=components), "api", ABOUT)
    assert errors(draft) == []
    assert rows(draft, "credentials") == expected


def test_tokens_of_another_host_are_allowed_there() -> None:
    scheme = {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://id.jiangcheng.example/token"}}}
    components = {**yaml.safe_load(API)["components"], "securitySchemes": {"key": scheme}}
    draft = draft_from_openapi(described(components=components), "api", ABOUT)
    assert errors(draft) == []
    assert rows(draft, "otherOrigins") == ["https://id.jiangcheng.example"]


def test_swagger_2_with_a_signature_and_a_posted_body() -> None:
    record = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "name": {"type": "string"},
            "type": {"type": "string", "enum": ["微课"]},
        },
    }
    page = {"type": "object", "properties": {"index": {"type": "integer"}, "size": {"type": "integer", "default": 20}}}
    body = {
        "type": "object",
        "properties": {
            "page": {"$ref": "#/definitions/Page"},
            "filter": {"type": "object", "properties": {"modifiedSince": {"type": "string"}}},
        },
    }
    header = [{"name": name, "in": "header", "type": "string"} for name in ("X-AppKey", "timestamp", "nonce", "sign")]
    answer = {"type": "object", "properties": {"rows": {"type": "array", "items": record}}}
    document = {
        "swagger": "2.0",
        "info": {"title": "资源"},
        "host": "api.jiangcheng.example",
        "basePath": "/api",
        "schemes": ["https"],
        "definitions": {"Page": page},
        "paths": {
            "/resource/list": {
                "post": {
                    "parameters": [{"name": "body", "in": "body", "schema": body}, *header],
                    "responses": {200: {"schema": answer}},
                }
            }
        },
    }  # fmt: skip
    draft = draft_from_openapi(yaml.safe_dump(document, allow_unicode=True).encode(), "api", ABOUT)
    assert errors(draft) == []
    harvest = rows(draft, "harvest")
    assert harvest["request"] == [{"method": "POST", "path": "/api/resource/list", "json": {"page": {}, "filter": {}}}]
    assert harvest["paging"] == {"kind": "page", "parameter": "page.index", "sizeParameter": "page.size", "size": 20}
    assert harvest["incremental"] == {"parameter": "filter.modifiedSince"}
    credentials = rows(draft, "credentials")
    assert (credentials["kind"], credentials["in"], credentials["names"]["sign"]) == ("hmac", "header", "sign")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no OpenAPI document"),
        (b"{", "is no JSON"),
        (b"a: [", "is no YAML"),
        (b"swagger: '1.2'", "versions 2 and 3"),
        (b"openapi: 3.1.0\npaths: {}", "none that reads"),
        (b"openapi: 3.1.0\npaths: [1]", "none that reads"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 300 + b"]" * 300, "nested too deeply"),
    ],
)
def test_what_is_no_description_is_refused_in_words(body: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        draft_from_openapi(body, "api.yaml", ABOUT)


def test_references_in_a_circle_end() -> None:
    loop = {"a": {"$ref": "#/components/schemas/b"}, "b": {"$ref": "#/components/schemas/a"}}
    grown = {
        "allOf": [{"$ref": "#/components/schemas/c"}],
        "properties": {
            "list": {"type": "array", "items": {"$ref": "#/components/schemas/c"}},
            "id": {"type": "string"},
        },
    }
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/c"}}
    answer = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    paths = {"/x": {"get": {"responses": answer}}, "/y": {"$ref": "#/paths/~1y"}}
    draft = draft_from_openapi(described(paths=paths, components={"schemas": {**loop, "c": grown}}), "api", ABOUT)
    assert draft.needed == ("harvest.title", "harvest.kind")
