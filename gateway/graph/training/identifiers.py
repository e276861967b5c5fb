"""Ids as arguments."""

from gateway.errors import InvalidInput
from gateway.graph.identifiers import parse_id


def named_by(type_name: str, text: str) -> str | None:
    """Our own id in a global id of this type; None for any other text."""
    identifier = parse_id(text)
    if identifier is None or identifier.type_name != type_name or len(identifier.parts) != 1:
        return None
    return identifier.parts[0]


def named(argument: str, type_name: str, text: str) -> str:
    """Our own id in a global id; raises InvalidInput that names the argument.

    What was sent is not repeated: people paste native ids of teachers, which are personal data.
    """
    found = named_by(type_name, text)
    if found is None:
        raise InvalidInput(f"{argument}: this is not the id of a {type_name}; the field `id` of one has it")
    return found
