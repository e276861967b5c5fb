"""The text that a signature covers: parts of a request in one agreed form."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from connectors.transport.urls import query_pairs
from schema.records import Record

Word = Literal[
    "method",
    "host",
    "path",
    "query",
    "parameters",
    "bodyParameters",
    "body",
    "bodyDigest",
    "appKey",
    "timestamp",
    "nonce",
    "secret",
]


class OtherPart(Record):
    """`{text: v1}`, the same in every request, or `{header: X-Date}`, the value of a header."""

    model_config = ConfigDict(str_strip_whitespace=False)

    text: str | None = None
    header: str | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.text is None) == (self.header is None):
            raise ValueError("a part is a text or a header, exactly one of them")
        return self


def _shape(value: Any) -> str:
    return "word" if isinstance(value, str) else "other"


Part = Annotated[Annotated[Word, Tag("word")] | Annotated[OtherPart, Tag("other")], Discriminator(_shape)]


class QueryForm(Record):
    """How parameters are written into the signed text; the default is `a=1&b=2`, sorted by name, decoded values.

    `sorted: false` keeps the order of the address. `encoded` writes names and values percent-encoded (RFC 3986),
    `emptyValues: drop` leaves out parameters without a value, and `without` names those that are not signed.
    """

    model_config = ConfigDict(str_strip_whitespace=False)

    sorted: bool = True
    assign: str = "="
    joiner: str = "&"
    encoded: bool = False
    empty_values: Literal["keep", "drop"] = "keep"
    without: tuple[str, ...] = ()


def canonical_query(url: str, form: QueryForm, without: Sequence[str] = ()) -> str:
    """The query of `url` in that form, without the parameters in `without`."""
    return canonical_pairs(query_pairs(url), form, without)


def canonical_pairs(pairs: Iterable[tuple[str, str]], form: QueryForm, without: Sequence[str] = ()) -> str:
    """Names and values in that form, without the parameters in `without`.

    Sorted by name and then by value (both by code point, which for UTF-8 is also the order of bytes), so that it does
    not depend on the order in the address.
    """
    pairs = [(name, value) for name, value in pairs if name not in without and name not in form.without]
    if form.empty_values == "drop":
        pairs = [(name, value) for name, value in pairs if value]
    if form.encoded:
        pairs = [(percent_encoded(name), percent_encoded(value)) for name, value in pairs]
    if form.sorted:
        pairs.sort()
    return form.joiner.join(f"{name}{form.assign}{value}" for name, value in pairs)


def canonical_path(url: str) -> str:
    """The path as it travels, `/` where there is none."""
    return urlsplit(url).path or "/"


def canonical_host(url: str) -> str:
    """The host in small letters, with its port where the address names one."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def percent_encoded(text: str) -> str:
    """Everything but the unreserved characters of RFC 3986 as `%XX` of UTF-8."""
    return quote(text, safe="-_.~", errors="surrogateescape")
