"""The request of a listing as a manifest writes it, and the complete request it becomes."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import Field, JsonValue, model_validator

from connectors.paging import Step
from connectors.transport import Request
from connectors.transport.header_names import HeaderName
from connectors.transport.urls import below, encoded
from schema.records import Record

BodyParameters = Mapping[str, str | int]
UrlPath = Annotated[str, Field(pattern=r"^/(?:[^/?#\s][^?#\s]*)?$")]
"""A path below the origin, without query."""


class RequestSpec(Record):
    """One listing: method, path below the origin, fixed query, headers and JSON body.

    Parameters of paging and of incremental harvests go into the JSON body where there is one, else into the query; in
    the body a dot in a parameter's name steps into an object (`page.number`).
    """

    method: Literal["GET", "POST"] = "GET"
    path: UrlPath
    query: dict[str, str | int | float | bool] = Field(default_factory=dict)
    headers: dict[HeaderName, str] = Field(default_factory=dict)
    json_body: dict[str, JsonValue] | None = Field(None, alias="json")

    @model_validator(mode="after")
    def _body_is_posted(self) -> Self:
        if self.json_body is not None and self.method == "GET":
            raise ValueError("a GET request has no JSON body; write method: POST")
        return self

    def request(
        self, origin: str, step: Step, extra: BodyParameters, timeout: float, accept: str = "application/json"
    ) -> Request:
        """The complete request of a step. A listing only reads, so POST may be repeated too."""
        headers = {"accept": accept, **{name.lower(): value for name, value in self.headers.items()}}
        if step.url is not None:
            return Request("GET", step.url, headers, timeout=timeout)
        url = below(origin, self.path)
        parameters = {**extra, **step.parameters}
        query = {name: plain(value) for name, value in self.query.items()}
        if self.json_body is None:
            query |= {name: plain(value) for name, value in parameters.items()}
        if query:
            url = f"{url}?{encoded(query)}"  # the path has no query of its own
        if self.json_body is None:
            return Request(self.method, url, headers, timeout=timeout)
        body = orjson.dumps(merged(self.json_body, parameters))
        return Request(self.method, url, {"content-type": "application/json", **headers}, body, timeout=timeout)


def plain(value: str | float | bool) -> str:
    """A query value as text: true and false in small letters."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def merged(body: Mapping[str, Any], parameters: BodyParameters) -> dict[str, Any]:
    """The body with the parameters in it; nothing of the original is changed."""
    found = dict(body)
    for name, value in parameters.items():
        head, dot, rest = name.partition(".")
        if dot:
            inner = found.get(head)
            found[head] = merged(inner if isinstance(inner, dict) else {}, {rest: value})
        else:
            found[head] = value
    return found
