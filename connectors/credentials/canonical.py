"""The text that a signature covers: parts of a request in one agreed form."""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote, urlsplit

from pydantic import ConfigDict

from connectors.transport.urls import query_pairs
from schema.records import Record

Part = Literal["method", "path", "query", "body", "bodyDigest", "appKey", "timestamp", "nonce"]


class QueryForm(Record):
    """How the query is written into the signed text; the default is `a=1&b=2`, sorted by name, decoded values.

    `sorted: false` keeps the order of the address. `encoded` writes names and values percent-encoded (RFC 3986), and
    `emptyValues: drop` leaves out parameters without a value, as several platforms do.
    """

    model_config = ConfigDict(str_strip_whitespace=False)

    sorted: bool = True
    assign: str = "="
    joiner: str = "&"
    encoded: bool = False
    empty_values: Literal["keep", "drop"] = "keep"


def canonical_query(url: str, form: QueryForm, without: Sequence[str] = ()) -> str:
    """The query of `url` in that form, without the parameters in `without`.

    Sorted by name and then by value (both by code point, which for UTF-8 is also the order of bytes), so that it does
    not depend on the order in the address.
    """
    pairs = [(name, value) for name, value in query_pairs(url) if name not in without]
    if form.empty_values == "drop":
        pairs = [(name, value) for name, value in pairs if value]
    if form.encoded:
        pairs = [(quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs]
    if form.sorted:
        pairs.sort()
    return form.joiner.join(f"{name}{form.assign}{value}" for name, value in pairs)


def canonical_path(url: str) -> str:
    """The path as it travels, `/` where there is none."""
    return urlsplit(url).path or "/"
