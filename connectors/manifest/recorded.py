"""Tests inside a manifest: recorded answers, the requests that ask for them, and the records they should make."""

import base64
from datetime import date
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import AwareDatetime, Field, JsonValue, field_validator, model_validator

from schema.records import Record


class RecordedRequest(Record):
    """What a request has to be, as far as it is written here: `query`, `headers` and `json` may say a part of it."""

    method: Literal["GET", "POST"] = "GET"
    path: str = Field(pattern=r"^/")
    query: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    json_body: JsonValue = Field(None, alias="json")

    @field_validator("query", "headers", mode="before")
    @classmethod
    def _values_are_text(cls, value: Any) -> Any:
        """Numbers in a query are as good as text."""
        if not isinstance(value, dict):
            return value
        return {
            key: str(one) if isinstance(one, int) and not isinstance(one, bool) else one for key, one in value.items()
        }


class RecordedResponse(Record):
    """What the platform answered; the body is one of `json`, `text` and `base64`."""

    status: Annotated[int, Field(ge=100, le=599)] = 200
    headers: dict[str, str] = Field(default_factory=dict)
    json_body: JsonValue = Field(None, alias="json")
    text: str | None = None
    base64: str | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if sum(body is not None for body in (self.json_body, self.text, self.base64)) > 1:
            raise ValueError("a body is one of json, text and base64")
        self.body()
        return self

    def body(self) -> bytes:
        """The bytes of the body."""
        if self.base64 is not None:
            return base64.b64decode(self.base64, validate=True)
        if self.text is not None:
            return self.text.encode()
        return b"" if self.json_body is None else orjson.dumps(self.json_body)


class RecordedExchange(Record):
    """One answer, and the request it answers where that is to be compared."""

    request: RecordedRequest | None = None
    response: RecordedResponse


class Expectation(Record):
    """What comes of the answers; what is not written is not compared, a record is compared in the fields it names."""

    records: tuple[dict[str, JsonValue], ...] | None = None
    accepted: int | None = None
    rejected: int | None = None
    deleted: tuple[str, ...] | None = None
    unmapped: tuple[str, ...] | None = None
    """As `field: value`, sorted."""
    error: str | None = None
    """The code of the error that ends the reading."""


class ManifestTest(Record):
    """One test. `secrets` are demonstration values; those not named are `demo-<name>`."""

    name: str = Field(min_length=1, max_length=200)
    section: Literal["harvest", "training", "usage"] = "harvest"
    now: AwareDatetime | None = None
    since: AwareDatetime | None = None
    days: tuple[date, date] | None = None
    secrets: dict[str, str] = Field(default_factory=dict)
    exchanges: tuple[RecordedExchange, ...] = Field(min_length=1, max_length=100)
    expect: Expectation

    @model_validator(mode="after")
    def _usage_has_days(self) -> Self:
        if (self.section == "usage") != (self.days is not None):
            raise ValueError("days: [first, last] goes with section: usage")
        return self
