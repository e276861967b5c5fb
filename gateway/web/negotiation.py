"""Which of the two media types of GraphQL over HTTP a client reads, and the status each asks for."""

from gateway.web.refusals import Refusal

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
EVENTS = "text/event-stream"


def response_type(accept: str | None) -> str:
    """The media type to answer with: the one accepted with the higher quality, plain JSON where all are welcome.

    Who accepts events only is refused in plain JSON, if so. Raises Refusal (406) where none of the three is accepted.
    """
    if accept is None or not accept.strip():
        return JSON
    qualities = dict(_accepted(accept))
    graphql, plain = _quality(qualities, GRAPHQL), _quality(qualities, JSON)
    if max(graphql, plain) <= 0:
        if qualities.get(EVENTS, 0) > 0:
            return JSON
        raise Refusal("NOT_ACCEPTABLE", f"accept {GRAPHQL}, {JSON} or {EVENTS}")
    stated = GRAPHQL in qualities
    return GRAPHQL if stated and graphql >= plain else JSON


def answers_with_events(accept: str | None, *, subscription: bool) -> bool:
    """Whether to answer with events: a subscription wherever they are named, all else where they are wanted most."""
    qualities = dict(_accepted(accept or ""))
    wanted = qualities.get(EVENTS, 0.0)
    return wanted > 0 and (subscription or wanted > max(_quality(qualities, GRAPHQL), _quality(qualities, JSON)))


def _accepted(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                quality = _number(value)
        found.append((name, quality))
    return found


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _quality(qualities: dict[str, float], media_type: str) -> float:
    for pattern in (media_type, "application/*", "*/*"):
        if pattern in qualities:
            return qualities[pattern]
    return 0.0


def status_of(media_type: str, *, executed: bool) -> int:
    """200 for every executed operation; one refused as a whole is 400 in the newer media type, 200 in the older."""
    return 400 if media_type == GRAPHQL and not executed else 200
