"""Which of the two media types of GraphQL over HTTP a client reads, and the status of each answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.graph.errors import PARSE_FAILED
from gateway.web.refusals import Refusal

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
EVENTS = "text/event-stream"
PARTIAL_SUCCESS = 294
"""The draft's own status of an answer that holds data and errors; only beside its own media type."""


def response_type(accept: str | None) -> str:
    """The media type to answer with: the one accepted with the higher quality, plain JSON where all are welcome.

    Who accepts events only is refused in plain JSON, if so. Raises Refusal (406) where none of the three is accepted.
    """
    if accept is None or not accept.strip():
        return JSON
    qualities = dict(accepted(accept))
    graphql = quality(qualities, GRAPHQL, "application/*", "*/*")
    plain = quality(qualities, JSON, "application/*", "*/*")
    if max(graphql, plain) <= 0:
        if qualities.get(EVENTS, 0) > 0:
            return JSON
        raise Refusal("NOT_ACCEPTABLE", f"accept {GRAPHQL}, {JSON} or {EVENTS}")
    stated = GRAPHQL in qualities
    return GRAPHQL if stated and graphql >= plain else JSON


def reads_json(accept: str | None) -> bool:
    """Whether a client reads one of the two media types that are no events."""
    if accept is None or not accept.strip():
        return True
    qualities = dict(accepted(accept))
    return any(quality(qualities, one, "application/*", "*/*") > 0 for one in (GRAPHQL, JSON))


def answers_with_events(accept: str | None, *, subscription: bool) -> bool:
    """Whether to answer with events: a subscription wherever they are named, all else where they are wanted most."""
    if accept is None or EVENTS not in accept.lower():
        return False
    qualities = dict(accepted(accept))
    wanted = qualities.get(EVENTS, 0.0)
    plain = max(quality(qualities, one, "application/*", "*/*") for one in (GRAPHQL, JSON))
    return wanted > 0 and (subscription or wanted > plain)


def accepted(header: str) -> list[tuple[str, float]]:
    """The words of an Accept or Accept-Encoding header in lower case, each with its quality from 0 to 1."""
    found = []
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                weight = _number(value)
        found.append((name, weight))
    return found


def quality(qualities: Mapping[str, float], *patterns: str) -> float:
    """The quality of the first of these patterns that is stated; 0 where none is."""
    return next((qualities[pattern] for pattern in patterns if pattern in qualities), 0.0)


def status_of(
    media_type: str, errors: Sequence[Mapping[str, Any]] | None, *, executed: bool, partial: bool = False
) -> int:
    """The status of an answer of the graph, in both media types as the draft of August 2026 has it.

    Executed is 200, or 294 where errors stand beside the data and `partial` says so; a document that is no GraphQL is
    400, and every other operation that was not executed 422.
    """
    if executed:
        return PARTIAL_SUCCESS if partial and errors and media_type == GRAPHQL else 200
    return 400 if errors and errors[0]["extensions"]["code"] == PARSE_FAILED else 422


def labeled(media_type: str, status: int) -> str:
    """The media type that an answer is labeled with: GraphQL's own wherever it is no success.

    A client that asked for plain JSON cannot tell our errors from those of a proxy by their status alone.
    """
    return media_type if 200 <= status < 300 else GRAPHQL


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
