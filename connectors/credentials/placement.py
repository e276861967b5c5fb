"""Where a proof is put into a request: a header, a query parameter or a cookie."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from connectors.credentials.bodies import with_body_values
from connectors.transport.header_names import checked_header_name
from connectors.transport.seam import Request
from connectors.transport.urls import with_query
from schema.records import Record

Place = Literal["header", "query", "cookie"]


class Placement(Record):
    """`{in: header, name: Authorization, prefix: "Bearer "}`; a prefix is written before the value."""

    model_config = ConfigDict(str_strip_whitespace=False)  # the blank of "Bearer " counts

    place: Place = Field("header", alias="in")
    name: str = Field("Authorization", min_length=1)
    prefix: str = ""

    @model_validator(mode="after")
    def _header_may_be_set(self) -> Self:
        if self.place == "header":
            checked_header_name(self.name)
        return self

    def put(self, request: Request, value: str) -> Request:
        """The request with the prefix and `value` in its place."""
        return placed(request, self.place, {self.name: self.prefix + value})


def placed(request: Request, place: Place | Literal["body"], values: Mapping[str, str]) -> Request:
    """The request with `values` in headers (replacing the same names in any case), query, cookies or body.

    Only a form or a JSON object takes them in the body; raises `ManifestError` for another.
    """
    if place == "body":
        return with_body_values(request, values)
    if place == "query":
        return replace(request, url=with_query(request.url, values))
    if place == "cookie":
        before = [value for name, value in request.headers.items() if name.lower() == "cookie"]
        values = {"cookie": "; ".join([*before, *(f"{name}={value}" for name, value in values.items())])}
    names = {name.lower() for name in values}
    kept = {name: value for name, value in request.headers.items() if name.lower() not in names}
    return replace(request, headers=kept | dict(values))
