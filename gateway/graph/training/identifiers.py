"""Ids as arguments."""

from gateway.errors import InvalidInput
from gateway.graph.identifiers import named_by


def named(argument: str, type_name: str, text: str) -> str:
    """Our own id in a global id; raises InvalidInput that names the argument.

    What was sent is not repeated: people paste native ids of teachers, which are personal data.
    """
    found = named_by(type_name, text)
    if found is None:
        raise InvalidInput(f"{argument}: this is not the id of a {type_name}; the field `id` of one has it")
    return found
